// What /proc tells is bytes: names of programs, cgroups and devices need not be UTF-8.

extension Collection<UInt8> {
    func starts(with text: String) -> Bool { starts(with: text.utf8) }

    /// The rest after a prefix; nil without it.
    func dropping(prefix: String) -> SubSequence? {
        starts(with: prefix.utf8) ? dropFirst(prefix.utf8.count) : nil
    }

    func equals(_ text: String) -> Bool { elementsEqual(text.utf8) }
}

extension BidirectionalCollection<UInt8> {
    func hasSuffix(_ text: String) -> Bool { reversed().starts(with: text.utf8.reversed()) }

    /// The rest before a suffix; nil without it.
    func dropping(suffix: String) -> SubSequence? {
        hasSuffix(suffix) ? dropLast(suffix.utf8.count) : nil
    }
}

extension Collection<UInt8> where SubSequence: Collection<UInt8> {
    /// A decimal number without sign; nil for anything else, and for what does not fit.
    var number: UInt64? {
        guard !isEmpty else { return nil }
        var value: UInt64 = 0
        for byte in self {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
            guard !overflow, !carry else { return nil }
            value = sum
        }
        return value
    }
}

extension UInt8 {
    /// The value of a lower-case hexadecimal digit.
    var hexDigit: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}

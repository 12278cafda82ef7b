/// Names of systemd's units, as cgroups have them.
enum UnitName {
    /// Undoes systemd's escapes: `\xHH` for a byte, and what is no escape stays as it is.
    static func unescaped(_ name: some Collection<UInt8>) -> [UInt8] {
        var rest = Array(name)[...]
        var result: [UInt8] = []
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\"), rest.first == UInt8(ascii: "x"),
                let high = rest.dropFirst().first?.hexDigit, let low = rest.dropFirst(2).first?.hexDigit
            {
                result.append(high << 4 | low)
                rest = rest.dropFirst(3)
            } else {
                result.append(byte)
            }
        }
        return result
    }

    /// Whether a unit says what runs in it: sessions of users and the managers of their units hold anything.
    static func isTelling(_ name: some BidirectionalCollection<UInt8>) -> Bool {
        if let rest = name.dropping(suffix: ".service") { return !rest.isEmpty && !rest.starts(with: "user@") }
        guard let rest = name.dropping(suffix: ".scope") else { return false }
        return !rest.isEmpty && !rest.starts(with: "session-") && !rest.equals("init")
    }
}

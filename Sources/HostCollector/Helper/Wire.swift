/// Writes what the helper and the daemon say to one another: integers in the machine's order, as both are one program, and
/// texts after their lengths.
struct WireWriter {
    private(set) var bytes: [UInt8] = []

    mutating func write<Number: FixedWidthInteger>(_ number: Number) {
        unsafe withUnsafeBytes(of: number) { unsafe bytes.append(contentsOf: $0) }
    }

    /// - Precondition: at most 65,535 bytes.
    mutating func write(_ text: some Collection<UInt8>) {
        write(UInt16(text.count))
        bytes.append(contentsOf: text)
    }
}

/// Reads that. Every read stays inside the packet.
struct WireReader {
    struct Failure: Error {}

    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) {
        rest = bytes[...]
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func read<Number: FixedWidthInteger>(_: Number.Type = Number.self) throws(Failure) -> Number {
        let size = MemoryLayout<Number>.size
        guard rest.count >= size else { throw Failure() }
        defer { rest = rest.dropFirst(size) }
        return unsafe rest.withUnsafeBytes { unsafe $0.loadUnaligned(as: Number.self) }
    }

    mutating func readBytes() throws(Failure) -> ArraySlice<UInt8> {
        let count = Int(try read(UInt16.self))
        guard rest.count >= count else { throw Failure() }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }
}

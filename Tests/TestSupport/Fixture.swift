import Foundation

/// Files that tests read, found by their place in the repository.
public enum Repository {
    public static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    public static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }
}

/// Messages recorded from a kernel: `Tests/Fixtures/*.hex`, written by `record.py`.
public struct Fixture {
    /// One whole netlink message each, header included.
    public let messages: [[UInt8]]

    /// - Throws: when the file is missing or is not hex.
    public init(_ name: String) throws {
        var messages: [[UInt8]] = [[]]
        let text = try Repository.text("Tests/Fixtures/\(name).hex")
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) where !line.hasPrefix("#") {
            let digits = line.filter { !$0.isWhitespace }
            if digits.isEmpty {
                if !messages.last!.isEmpty { messages.append([]) }
                continue
            }
            var rest = Substring(digits)
            while !rest.isEmpty {
                guard let byte = UInt8(rest.prefix(2), radix: 16) else {
                    throw Command.Failure(description: "\(name).hex: no hex digits: \(rest.prefix(2))")
                }
                messages[messages.count - 1].append(byte)
                rest = rest.dropFirst(2)
            }
        }
        self.messages = messages.filter { !$0.isEmpty }
    }

    /// The payload of a message: all after its 16-byte header.
    public func payload(_ index: Int = 0) -> [UInt8] { Array(messages[index].dropFirst(16)) }

    /// The type in a message's header.
    public func type(_ index: Int = 0) -> UInt16 { UInt16(messages[index][4]) | UInt16(messages[index][5]) << 8 }
}

/// A file that holds what a test expects. `VEXPORT_RECORD=1` writes it anew, and fails that run, so that nobody takes a
/// recording for a check.
public enum Golden {
    public static func difference(_ text: String, to name: String) throws -> String? {
        let path = "Tests/Goldens/\(name)"
        if ProcessInfo.processInfo.environment["VEXPORT_RECORD"] == "1" {
            try Data(text.utf8).write(to: Repository.root.appendingPathComponent(path))
            return "recorded \(path): look at the difference, then run again without VEXPORT_RECORD"
        }
        let expected = try Repository.text(path)
        guard expected != text else { return nil }
        let (old, new) = (expected.split(separator: "\n"), text.split(separator: "\n"))
        let line = zip(old, new).enumerated().first { $1.0 != $1.1 }
        guard let line else { return "\(path): \(old.count) lines expected, \(new.count) there" }
        return "\(path):\(line.offset + 1): expected \(line.element.0), is \(line.element.1)"
    }
}

/// A generator with a seed that can be printed: SplitMix64.
public struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    public init(seed: UInt64) {
        state = seed
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

import Foundation
import TestSupport

/// Something that takes bytes from outside, and what must hold for it whatever they are.
protocol FuzzTarget {
    /// Inputs to start from: what a kernel or client really sends.
    static func seeds() throws -> [[UInt8]]

    /// Takes an input. Traps when something does not hold that must.
    static func run(_ input: [UInt8])
}

/// The target of this process: libFuzzer's callback is a C function, which captures nothing.
nonisolated(unsafe) var current: (any FuzzTarget.Type)?

/// A condition that holds for every input.
func require(_ condition: Bool, _ what: @autoclosure () -> String, line: UInt = #line, file: StaticString = #file) {
    if !condition { fatalError(what(), file: file, line: line) }
}

/// Whether to do what takes long: for one input in eight, and always for the same ones.
func isChosen(_ input: [UInt8]) -> Bool { input.reduce(0, ^) & 7 == 0 }

/// All recorded messages, header included, with the sequence number that a new socket's first request has.
func recordedMessages() throws -> [[UInt8]] {
    let folder = Repository.root.appendingPathComponent("Tests/Fixtures")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".hex") }
    return try names.sorted().flatMap { try Fixture(String($0.dropLast(4))).messages }.map {
        var message = $0
        message.replaceSubrange(8..<12, with: Wire.bytes(UInt32(1)))
        return message
    }
}

/// The inputs that are checked in for a target.
func corpus(_ target: String) throws -> [[UInt8]] {
    let folder = Repository.root.appendingPathComponent("Tests/Fuzz/Corpus/\(target)")
    return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map {
        Array(try Data(contentsOf: folder.appendingPathComponent($0)))
    }
}

/// Whether a text can be shown anywhere: no line breaks, no escapes.
func isPlain(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
}

import TestSupport
import Testing

@testable import VexportCore

@Suite struct EscapedTextTests {
    @Test(
        "printable text stays, all else is escaped",
        arguments: [
            (Array("veth0".utf8), "veth0"), (Array("café".utf8), "café"), (Array("a\\b".utf8), "a\\\\b"),
            ([0x61, 0xff], "a\\xff"), ([0x1b, 0x5b], "\\x1b["), ([0x0a], "\\x0a"), ([0xc2, 0x85], "\\xc2\\x85"),
            (Array("a\u{202e}b".utf8), "a\\xe2\\x80\\xaeb"), ([0xe2, 0x82], "\\xe2\\x82"),
            ([0xed, 0xa0, 0x80], "\\xed\\xa0\\x80"),
            (Array("a\"b".utf8), "a\"b"), ([], ""),
        ] as [([UInt8], String)])
    func examples(_ bytes: [UInt8], _ text: String) {
        #expect(EscapedText(bytes).description == text)
    }

    @Test("the two spellings of é are two names")
    func normalisation() {
        #expect(EscapedText([0xc3, 0xa9]) != EscapedText([0x65, 0xcc, 0x81]))
    }

    @Test("two different names never read the same, and none holds a control byte")
    func injective() {
        let seed: UInt64 = 20_261_124
        var random = SeededGenerator(seed: seed)
        let alphabet: [UInt8] = [0x5c, 0x78, 0x66, 0x30, 0x1b, 0xff, 0xc3, 0xa9, 0xe2, 0x80, 0xae, 0x61, 0x7f]
        var seen: [EscapedText: [UInt8]] = [:]
        for _ in 0..<50_000 {
            let bytes = (0..<Int.random(in: 1...6, using: &random)).map { _ in alphabet.randomElement(using: &random)! }
            let text = EscapedText(bytes)
            #expect(
                seen.updateValue(bytes, forKey: text).map { $0 == bytes } ?? true,
                "seed \(seed): \(bytes) and another read \(text)")
            #expect(
                text.description.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7f..<0xa0).contains($0.value) })
        }
    }
}

import TestSupport
import Testing

@testable import VexportCore

@Suite struct DisplayWidthTests {
    @Test(
        "columns that texts take",
        arguments: [
            ("vnet0", 5), ("", 0), ("café", 4), ("cafe\u{301}", 4), ("日本", 4), ("한국", 4), ("ｆｕｌｌ", 8), ("ﬁ", 1),
            ("🐧", 2),
            ("├─ ", 3), (#"\x1b"#, 4),
        ])
    func examples(_ text: String, _ width: Int) {
        #expect(text.displayWidth == width)
    }

    /// But for Hangul's joining letters, the soft hyphen, and U+1171E, a mark since Unicode 15.1 only.
    @Test("every character that Python's older tables know has the width that they say")
    func python() throws {
        let table = try Command.run([
            "/usr/bin/python3", "-c",
            """
            import unicodedata
            for code in range(0x20, 0x40000):
                text = chr(code)
                category = unicodedata.category(text)
                if category in ("Cn", "Cc", "Cs", "Co") or 0x1160 <= code < 0x1200 or 0xd7b0 <= code < 0xd800 or code in (0xad, 0x1171e):
                    continue
                wide = unicodedata.east_asian_width(text) in "WF"
                print(code, 0 if category in ("Mn", "Me", "Cf") else 2 if wide else 1)
            """,
        ])
        var wrong: [String] = []
        var count = 0
        for line in table.split(separator: "\n") {
            let numbers = line.split(separator: " ").map { Int($0)! }
            count += 1
            let width = Unicode.Scalar(UInt32(numbers[0]))!.displayWidth
            if width != numbers[1] { wrong.append("U+\(String(numbers[0], radix: 16)) \(width), not \(numbers[1])") }
        }
        #expect(count > 140_000)
        #expect(wrong == [])
    }

    @Test(
        "numbers as people read them",
        arguments: [
            (0, "0"), (7, "7"), (0.5, "0.50"), (999, "999"), (999.4, "999"), (999.5, "1.00k"), (1_000, "1.00k"),
            (12_345, "12.3k"), (99_940, "99.9k"), (99_960, "100k"), (123_456, "123k"), (999_500, "1.00M"),
            (1.5e9, "1.50G"),
            (1.8446744073709552e19, "18.4E"), (8.99e20, "899E"), (9e20, "?"), (-1, "?"), (.infinity, "?"), (.nan, "?"),
            (9.996, "10.0"), (99.96, "100"),
        ] as [(Double, String)])
    func quantities(_ value: Double, _ text: String) {
        #expect(Quantity.short(value) == text)
    }
}

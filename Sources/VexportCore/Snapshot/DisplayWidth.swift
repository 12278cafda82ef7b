extension String {
    /// How many columns of a terminal the text takes: 2 for wide characters (CJK, emoji), 0 for marks that combine with
    /// the one before, 1 for the rest. Source: Unicode Standard Annex 11. O(n).
    var displayWidth: Int { unicodeScalars.reduce(0) { $0 + $1.displayWidth } }
}

extension Unicode.Scalar {
    var displayWidth: Int {
        if value < 0x300 { return 1 }
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: break
        }
        // Vowels and final consonants of Hangul, which join the syllable before.
        if (0x1160...0x11ff).contains(value) || (0xd7b0...0xd7ff).contains(value) { return 0 }
        return isWide ? 2 : 1
    }

    private var isWide: Bool {
        switch value {
        case 0x1f1e6...0x1f1ff: false  // regional indicators: two make a flag, each takes one column
        case 0x1100...0x115f, 0x2329, 0x232a, 0x2e80...0x303e, 0x3041...0x3247, 0x3250...0x4dbf, 0x4e00...0xa4cf,
            0xa960...0xa97f,
            0xac00...0xd7a3, 0xf900...0xfaff, 0xfe10...0xfe19, 0xfe30...0xfe6f, 0xff01...0xff60, 0xffe0...0xffe6,
            0x16fe0...0x18dff, 0x1aff0...0x1b2ff, 0x1f200...0x1f265, 0x20000...0x3fffd:
            true
        default: properties.isEmojiPresentation
        }
    }
}

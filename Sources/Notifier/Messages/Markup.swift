/// How a receiver reads text, and so how text from outside is made harmless for it: it can neither call people nor break
/// the message.
enum Markup: Sendable {
    /// Nothing means anything.
    case plain
    /// `&`, `<` and `>` mean something, and that is where mentions are: `<!channel>`.
    case slack
    /// Backslashes take the meaning from punctuation.
    case markdown
    case html

    func neutral(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch (self, scalar) {
            case (.plain, _): result.unicodeScalars.append(scalar)
            case (.slack, "&"), (.html, "&"): result += "&amp;"
            case (.slack, "<"), (.html, "<"): result += "&lt;"
            case (.slack, ">"), (.html, ">"): result += "&gt;"
            case (.html, "\""): result += "&quot;"
            // A space without width: it reads the same, and calls nobody.
            case (_, "@"): result += "@\u{200b}"
            case (.markdown, let scalar) where Self.markdownPunctuation.contains(scalar):
                result.unicodeScalars.append("\\")
                result.unicodeScalars.append(scalar)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    func bold(_ text: String) -> String {
        switch self {
        case .plain, .slack: neutral(text)
        case .markdown: "**\(neutral(text))**"
        case .html: "<b>\(neutral(text))</b>"
        }
    }

    private static let markdownPunctuation = Set("\\`*_{}[]()#+-.!|~<>:".unicodeScalars)
}

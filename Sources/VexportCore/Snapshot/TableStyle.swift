/// How a table looks on the terminal or in the file that it goes to.
public struct TableStyle: Equatable, Sendable {
    /// Columns of the terminal.
    public var width = 80
    /// Escape sequences for colours. What they say, words and marks say too.
    public var hasColour = false
    /// Box drawing characters for the tree; without, ASCII.
    public var hasUnicode = false

    public init() {}

    /// What the environment asks for.
    ///
    /// - Parameters:
    ///   - terminalWidth: columns of the terminal; nil when the output goes elsewhere.
    ///   - environment: COLUMNS, NO_COLOR (no-color.org), TERM, and LC_ALL, LC_CTYPE or LANG for the character set.
    public init(terminalWidth: Int?, environment: (String) -> String?) {
        func value(_ name: String) -> String? { environment(name).flatMap { $0.isEmpty ? nil : $0 } }
        width = max(Self.narrowest, value("COLUMNS").flatMap { Int($0) } ?? terminalWidth ?? 80)
        hasColour = terminalWidth != nil && value("NO_COLOR") == nil && ![nil, "dumb"].contains(value("TERM"))
        // language_TERRITORY.codeset@modifier
        let locale = (value("LC_ALL") ?? value("LC_CTYPE") ?? value("LANG") ?? "").lowercased()
        let codeset = locale.drop { $0 != "." }.dropFirst()
        hasUnicode = codeset.hasPrefix("utf-8") || codeset.hasPrefix("utf8")
    }

    /// Narrower, and the table gets longer lines than the terminal has.
    private static let narrowest = 40

    enum Paint: String {
        case bold = "1"
        case dim = "2"
        case red = "1;31"
        case green = "32"
    }

    func painted(_ text: String, _ paint: Paint?) -> String {
        guard hasColour, let paint, !text.isEmpty else { return text }
        return "\u{1b}[\(paint.rawValue)m\(text)\u{1b}[0m"
    }

    /// What stands before a link's name: how it hangs on those above.
    func branch(_ row: LinkTree.Row) -> String {
        guard let last = row.continues.last else { return "" }
        let (fork, corner, farFork, farCorner) =
            hasUnicode ? ("├─ ", "└─ ", "╞═ ", "╘═ ") : ("|- ", "`- ", "|= ", "`= ")
        let above = row.continues.dropLast().map(guide).joined()
        return above + (row.relation == .farEnd ? last ? farFork : farCorner : last ? fork : corner)
    }

    /// What stands there on the lines that go on below the name.
    func continuation(_ row: LinkTree.Row, hasChildren: Bool) -> String {
        row.continues.map(guide).joined() + (hasChildren ? guide(true) : "")
    }

    private func guide(_ continues: Bool) -> String { continues ? hasUnicode ? "│  " : "|  " : "   " }
}

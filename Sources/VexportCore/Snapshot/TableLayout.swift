/// One link's line in a table, before it is laid out.
struct TableLine {
    let remarks: LinkRemarks
    let name: String
    let kind: String
    let receive: String
    let transmit: String
    /// How traffic went, as small bars; empty where that is not shown.
    let course: String
    /// What stands before the name.
    let branch: String
    /// What stands there on further lines of the same link.
    let continuation: String

    init(
        _ row: LinkTree.Row, hasChildren: Bool, link: Snapshot.Link, remarks: LinkRemarks, hasRates: Bool,
        activity: LinkActivity?, style: TableStyle
    ) {
        func traffic(_ counter: LinkCounter) -> String {
            let value = hasRates ? link.rates?[counter].map { $0 * 8 } : link.counters?[counter].map { Double($0) }
            return value.map(Quantity.short) ?? "-"
        }
        self.remarks = remarks
        name = link.name.description
        kind = link.kind.description
        receive = traffic(.receiveBytes)
        transmit = traffic(.transmitBytes)
        course = activity.map { Sparkline.text($0.course, hasUnicode: style.hasUnicode) } ?? ""
        branch = style.branch(row)
        continuation = style.continuation(row, hasChildren: hasChildren)
    }

    var nameWidth: Int { branch.displayWidth + name.displayWidth }
}

/// The columns of a table, as wide as what is in them, and the remarks in what is left of the line.
struct TableLayout {
    private let style: TableStyle
    private let transmitTitle: String
    /// Of the column of small bars; nil without one.
    private let courseTitle: String?
    private var nameWidth: Int
    private let kindWidth: Int
    private let stateWidth: Int
    private var indent: Int {
        let course = courseTitle == nil ? 0 : 1 + LinkActivity.partCount
        let traffic = Self.receiveWidth + 1 + transmitTitle.count + course
        return 2 + nameWidth + 1 + kindWidth + 1 + stateWidth + 1 + traffic + 2
    }
    private var remarksWidth: Int { max(Self.narrowestRemarks, style.width - indent) }

    /// Names of 15 characters fit three levels deep. One that is longer, since it is escaped or since the line has no room
    /// for it beside the rest, has a line to itself.
    private static let widestName = 24
    private static let narrowestName = "LINK".count
    private static let widestKind = 24
    private static let narrowestRemarks = 16
    /// Of a number such as `1.23k`, and a space.
    private static let receiveWidth = 6

    /// - Parameter courseTitle: the time that the lines' courses are of, such as `10m`; nil for none.
    init(_ lines: some Sequence<TableLine>, hasRates: Bool, courseTitle: String? = nil, style: TableStyle) {
        self.style = style
        self.courseTitle = courseTitle.map { "LAST \($0)" }
        // The unit is of both columns: reads "RX TX bit/s".
        transmitTitle = hasRates ? "TX bit/s" : "TX bytes"
        var (kind, state) = ("KIND".count, "STATE".count)
        var names: [Int] = []
        for line in lines {
            names.append(line.nameWidth)
            kind = max(kind, min(line.kind.displayWidth, Self.widestKind))
            state = max(state, line.remarks.state.count)
        }
        (nameWidth, kindWidth, stateWidth) = (0, kind, state)
        let room = style.width - indent - Self.narrowestRemarks
        // Where no width of theirs makes lines fit, more of them would not help.
        let widest = room < Self.narrowestName ? Self.widestName : min(Self.widestName, room)
        nameWidth = max(Self.narrowestName, names.lazy.filter { $0 <= widest }.max() ?? 0)
    }

    var titles: String {
        var columns = [
            Self.padded("LINK", to: nameWidth), Self.padded("KIND", to: kindWidth),
            Self.padded("STATE", to: stateWidth),
            Self.right("RX", Self.receiveWidth), transmitTitle,
        ]
        if let courseTitle { columns.append(Self.padded(courseTitle, to: LinkActivity.partCount)) }
        return style.painted("  \(columns.joined(separator: " "))  REMARKS", .bold)
    }

    /// A link's lines: one, and more where its remarks or its name need them.
    func lines(_ line: TableLine) -> [String] {
        let isMarked = line.remarks.isMarked
        let mark = isMarked ? style.painted("!", .red) + " " : "  "
        let name = line.branch + style.painted(line.name, isMarked ? .red : nil)
        let further = Self.padded(line.continuation, to: nameWidth)
        var result: [String] = []
        var first = name + Self.padding(from: line.nameWidth, to: nameWidth)
        if line.nameWidth > nameWidth {
            result.append(mark + name)
            first = further
        }
        let said =
            line.remarks.problems.map { ($0, TableStyle.Paint?.some(.red)) } + line.remarks.facts.map { ($0, nil) }
        var remarks = style.wrapped(said, width: remarksWidth)[...]
        var columns = [
            first, Self.padded(line.kind, to: kindWidth), state(line.remarks),
            Self.right(line.receive, Self.receiveWidth), Self.right(line.transmit, transmitTitle.count),
        ]
        if courseTitle != nil { columns.append(Self.padded(line.course, to: LinkActivity.partCount)) }
        result.append(mark + columns.joined(separator: " ") + (remarks.popFirst().map { "  " + $0 } ?? ""))
        let gap = Self.padding(from: 2 + nameWidth, to: indent)
        return result + remarks.map { mark + further + gap + $0 }
    }

    private func state(_ remarks: LinkRemarks) -> String {
        let paint: TableStyle.Paint = remarks.stateIsWrong ? .red : remarks.state == "up" ? .green : .dim
        return style.painted(remarks.state, paint) + Self.padding(from: remarks.state.count, to: stateWidth)
    }

    private static func padded(_ text: String, to width: Int) -> String {
        text + padding(from: text.displayWidth, to: width)
    }

    private static func right(_ text: String, _ width: Int) -> String { padding(from: text.count, to: width) + text }

    private static func padding(from width: Int, to wanted: Int) -> String {
        String(repeating: " ", count: max(0, wanted - width))
    }
}

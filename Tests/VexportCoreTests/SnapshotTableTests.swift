import Foundation
import TestSupport
import Testing

@testable import VexportCore

@Suite struct SnapshotTableTests {
    static func style(_ width: Int = 80, colour: Bool = false, unicode: Bool = true) -> TableStyle {
        var style = TableStyle()
        (style.width, style.hasColour, style.hasUnicode) = (width, colour, unicode)
        return style
    }

    static func table(_ snapshot: Snapshot, _ style: TableStyle = style(), age: Duration = .seconds(1)) -> String {
        var text = ""
        let now = Timestamp(nanoseconds: snapshot.time.nanoseconds + Int64(age.seconds * 1e9))
        SnapshotTable(snapshot, style: style, now: now).render { text += $0 }
        return text
    }

    static func plain(_ text: String) -> String { text.replacing(/\u{1b}\[[0-9;]*m/, with: "") }

    static func lines(_ states: [(Int32, LinkState)]) -> [String] {
        table(Snapshots.make(states, still: Set(states.map(\.0)))).split(separator: "\n").map(String.init)
    }

    @Test(
        "a compute node at night",
        arguments: [
            ("dump-80.txt", 80, false, true), ("dump-80-ascii.txt", 80, false, false),
            ("dump-160-colour.txt", 160, true, true), ("dump-40.txt", 40, false, true),
        ])
    func golden(_ file: String, _ width: Int, _ colour: Bool, _ unicode: Bool) throws {
        let text = Self.table(Snapshots.calm(Snapshots.night), Self.style(width, colour: colour, unicode: unicode))
        let difference = try Golden.difference(text, to: file)
        #expect(difference == nil, "\(difference ?? "")")
        if width == 80 { #expect(text.split(separator: "\n").allSatisfy { String($0).displayWidth <= 80 }) }
        #expect(unicode || text.utf8.allSatisfy { $0 < 0x80 })
    }

    @Test("colours change nothing but the colour")
    func colours() {
        let snapshot = Snapshots.make(Snapshots.night)
        let coloured = Self.table(snapshot, Self.style(colour: true))
        #expect(coloured.contains("\u{1b}["))
        #expect(Self.plain(coloured) == Self.table(snapshot))
    }

    @Test("the lines that begin with ! are all that is said of links to look at")
    func marks() {
        let table = Self.table(Snapshots.make(Snapshots.night, still: Set(1...19))).split(separator: "\n")
        let marked = table.filter { $0.hasPrefix("! ") }.joined(separator: "\n")
        for name in ["vnet10", "vethf3a1c2", "veth0d1e2f", "right", "br-old"] {
            #expect(marked.contains(name), "\(name)")
        }
        for name in ["docker0", "vnet2", "left", "vnet3", "lo", "eth0"] {
            #expect(!marked.contains(" \(name) "), "\(name)")
        }
        #expect(marked.contains("! 5 to look at"))
    }

    @Test("grep '^!' shows findings whole: lines that go on begin with ! too, and only those of what is wrong")
    func longFindings() {
        func finding(_ severity: FindingSeverity) -> FindingRecord {
            FindingRecord(
                Finding(
                    kind: .vethPeerDown, link: LinkIdentity(index: 1, birth: 0), place: LinkPlace(.own, 1),
                    device: "qvb1234abcd-ef", namespace: nil, severity: severity,
                    reason: "its peer qvo1234abcd-ef is down, so nothing gets through, and nobody is told",
                    evidence: [], command: nil, since: nil))
        }
        var snapshot = Snapshots.make([(1, Snapshots.link("lo", .loopback))], still: [1])
        snapshot.findings = [finding(.warning), finding(.info)]
        let lines = Self.table(snapshot).split(separator: "\n").drop { $0 != "findings" }.dropFirst()
        #expect(
            Array(lines) == [
                "! qvb1234abcd-ef: its peer qvo1234abcd-ef is down, so nothing gets through,",
                "!   and nobody is told (veth_peer_down)",
                "- qvb1234abcd-ef: its peer qvo1234abcd-ef is down, so nothing gets through,",
                "    and nobody is told (veth_peer_down)",
            ])
        let coloured = Self.table(snapshot, Self.style(colour: true))
        #expect(Self.plain(coloured) == Self.table(snapshot))
    }

    @Test("drops and errors are marked while they grow, and only told of when they do not")
    func losses() {
        let states = [(6 as Int32, Snapshots.link("vnet2", .tap))]
        let growing = Self.table(Snapshots.make(states))
        #expect(growing.contains("! vnet2") && growing.contains("rx dropped 3/s"))
        let still = Self.table(Snapshots.make(states, still: [6]), Self.style(200))
        #expect(still.contains("  vnet2") && still.contains("rx dropped 6"))
    }

    @Test("totals are shown where there are no rates, and said to be")
    func totals() {
        let table = Self.table(Snapshots.make([(1000, Snapshots.link("a", .veth))], hasRates: false))
        #expect(table.contains("totals, no rates") && table.contains("   RX TX bytes"))
        #expect(table.contains(" 1.00k    1.00k"))
    }

    @Test("counters that nobody has read for a while are told of")
    func stale() {
        let snapshot = Snapshots.make([(1, Snapshots.link("lo", .loopback))])
        #expect(Self.table(snapshot, age: .seconds(73)).contains("! counters are 73 s old"))
        #expect(!Self.table(snapshot, age: .seconds(4)).contains("old"))
    }

    @Test("no links, and a link that the tick did not read")
    func little() {
        #expect(Self.table(Snapshots.make([])).hasSuffix("\n0 links\n"))
        var snapshot = Snapshots.make([(5, Snapshots.link("a", .veth)), (6, Snapshots.link("b", .veth))])
        (snapshot.links[0].counters, snapshot.links[0].rates) = (nil, nil)
        #expect(Self.table(snapshot).contains("  a    veth up         -        -"))
    }

    @Test("names of every kind keep the columns in their places and the lines in theirs")
    func alignment() {
        let names: [EscapedText] = [
            "vnet0", "qvb1234abcd-ef0", "日本語名前", "cafe\u{301}\u{301}", "한국어", "👩\u{200d}💻", "עברית",
            EscapedText([UInt8](repeating: 0x1b, count: 15)), EscapedText([UInt8](repeating: 0xff, count: 15)), "ﷺ",
            "ｆｕｌｌ",
        ]
        let bridge = [(1 as Int32, Snapshots.link("br0", .bridge))]
        let ports = names.enumerated().map {
            (Int32($0 + 2), Snapshots.link($1, .veth, carrier: false, master: 1, port: 0))
        }
        let lines = Self.lines(bridge + ports)
        let titles = lines.first { $0.contains("STATE") }!
        func column(_ text: String, in line: String) -> Int? {
            line.range(of: text).map { String(line[..<$0.lowerBound]).displayWidth }
        }
        let rows = lines.filter { $0.contains("no carrier  ") }
        #expect(rows.count == names.count)
        for row in rows {
            #expect(column("no carrier", in: row) == column("STATE", in: titles), "\(row)")
            #expect(column("peer down", in: row) == column("REMARKS", in: titles), "\(row)")
        }
        for line in lines { #expect(line.displayWidth <= 80, "\(line)") }
    }

    @Test("remarks of any length stay right of their column, whole")
    func longRemarks() {
        var state = Snapshots.link("vnet0", .tap, carrier: false)
        state.alias = EscapedText(String(repeating: "project-コード ", count: 14).utf8)
        let lines = Self.lines([(5, state)])
        for line in lines { #expect(line.displayWidth <= 80, "\(line)") }
        let said = lines.drop { !$0.contains("vnet0") }.map { String($0.dropFirst(2)) }.joined().filter { $0 != " " }
        #expect(said.contains("noreader"))
        #expect(said.components(separatedBy: "project-コード").count == 15)
    }

    @Test("the environment says how wide, how colourful and in which characters")
    func styles() {
        func style(_ terminal: Int?, _ environment: [String: String]) -> TableStyle {
            TableStyle(terminalWidth: terminal) { environment[$0] }
        }
        #expect(style(nil, [:]) == Self.style(80, unicode: false))
        #expect(style(132, ["TERM": "xterm"]) == Self.style(132, colour: true, unicode: false))
        #expect(style(132, ["TERM": "xterm", "NO_COLOR": "1"]).hasColour == false)
        #expect(style(132, ["TERM": "xterm", "NO_COLOR": ""]).hasColour)
        #expect(style(132, ["TERM": "dumb"]).hasColour == false)
        #expect(style(132, [:]).hasColour == false)
        #expect(style(nil, ["TERM": "xterm"]).hasColour == false)
        #expect(style(132, ["COLUMNS": "100"]).width == 100)
        #expect(style(nil, ["COLUMNS": "100"]).width == 100)
        #expect(style(nil, ["COLUMNS": "wide"]).width == 80)
        #expect(style(nil, ["COLUMNS": "-5"]).width == 40)
        #expect(style(nil, ["LANG": "de_DE.UTF-8"]).hasUnicode)
        #expect(style(nil, ["LC_ALL": "C", "LANG": "de_DE.UTF-8"]).hasUnicode == false)
        #expect(style(nil, ["LC_CTYPE": "C.utf8", "LANG": "C"]).hasUnicode)
    }

    @Test("thousands of links are one line each, in order")
    func thousands() {
        let states = (0..<5_000).map { (Int32($0 + 1), Snapshots.link("tap\($0)", .tap)) }
        let lines = Self.lines(states.shuffled()).filter { $0.contains(" tap ") }
        #expect(lines.map { String($0.dropFirst(2).prefix { $0 != " " }) } == (0..<5_000).map { "tap\($0)" })
    }
}

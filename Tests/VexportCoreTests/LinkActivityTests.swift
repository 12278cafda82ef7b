import Foundation
import Testing

@testable import VexportCore

/// What the history says of traffic over a while: means, small bars, and samples with times.
@Suite struct LinkActivityTests {
    static let start = Timestamp(nanoseconds: 1_800_000_000_000_000_000)

    static func time(_ seconds: Double) -> Timestamp {
        Timestamp(nanoseconds: start.nanoseconds + Int64(seconds * 1e9))
    }

    func series(
        _ points: [(Double, UInt64, Double?)], _ metric: LinkCounter = .receiveBytes, netns: EscapedText? = nil,
        died: Double? = nil
    ) -> HistorySeries {
        var series = HistorySeries(
            labels: HistoryLabels(device: #"v"0"#, netns: netns), kind: "veth", metric: metric,
            born: Self.start.nanoseconds, died: died.map { Self.time($0).nanoseconds })
        for (time, value, rate) in points { series.append(Self.time(time), value, rate) }
        return series
    }

    func activity(_ series: HistorySeries...) -> LinkActivity {
        var activity = LinkActivity(from: Self.start, to: Self.time(120))
        for series in series { activity.add(series) }
        return activity
    }

    @Test("a mean counts each rate for as long as it held")
    func mean() {
        let activity = activity(series([(0, 0, nil), (10, 1000, 100), (40, 1000, 0)]))
        #expect(activity.meanReceive == 25 && activity.meanTransmit == nil)
    }

    @Test("what is not known is no part of the mean, and a space among the bars")
    func gap() {
        let activity = activity(series([(10, 0, nil), (20, 500, 50), (60, 3, nil), (70, 103, 10)]))
        #expect(activity.meanReceive == 30)
        #expect(activity.course == [nil, 50, nil, nil, nil, nil, 10, nil, nil, nil, nil, nil])
    }

    @Test("a rate over several parts is shared out among them, both directions together")
    func shared() {
        let activity = activity(
            series([(0, 0, nil), (25, 0, 8)]), series([(0, 0, nil), (10, 0, 2), (20, 0, 4)], .transmitBytes))
        #expect(activity.course.prefix(4) == [10, 12, 8, nil])
        #expect(activity.meanTransmit == 3)
    }

    @Test("time that goes by twice, since the clock was set back, does no harm")
    func clockBack() {
        let activity = activity(series([(50, 0, nil), (40, 10, 1), (60, 30, 1)]))
        #expect(activity.meanReceive == 1)
    }

    @Test("the largest value has the highest bar, little has more than nothing")
    func bars() {
        #expect(Sparkline.text([nil, 0, 0.001, 50, 100], hasUnicode: true) == " ▁▂▅█")
        #expect(Sparkline.text([nil, 0, 0.001, 50, 100], hasUnicode: false) == " _.=#")
        #expect(Sparkline.text([0, nil, 0], hasUnicode: true) == "▁ ▁")
    }

    @Test("samples have the names and labels of a scrape, and times that only rise")
    func text() throws {
        let family = try #require(HistoryText.families.first { $0.counter == .receiveBytes })
        var text = HistoryText(family)
        let lines = text.lines(
            series([(0.5, 7, nil), (0.25, 8, nil), (0.5004, 9, nil), (1, .max, nil)], netns: "blue"))
        let name = #"vexport_link_receive_bytes_total{device="v\"0",netns="blue"}"#
        #expect(
            String(decoding: lines, as: UTF8.self)
                == "\(name) 7 1800000000.500\n\(name) 18446744073709551615 1800000001.000\n")
        // A link made again goes on where the one before ended.
        let again = text.lines(series([(0.9, 1, nil), (2, 2, nil)], netns: "blue"))
        #expect(String(decoding: again, as: UTF8.self) == "\(name) 2 1800000002.000\n")
        #expect(String(decoding: family.header, as: UTF8.self).hasPrefix("# TYPE vexport_link_receive_bytes counter\n"))
    }

    @Test("details are asked for of physical links only")
    func families() {
        #expect(HistoryText.families.count == LinkCounter.allCases.count)
        #expect(HistoryText.families.first { $0.counter == .receiveBytes }?.kind == nil)
        #expect(HistoryText.families.first { $0.counter == .collisions }?.kind == "physical")
    }

    @Test("the daemon's table has the course of traffic beside its mean, in lines of 80 columns")
    func table() {
        var snapshot = Snapshots.make([(1, Snapshots.link("vnet0", .tap)), (2, Snapshots.link("vnet1", .tap))])
        for place in snapshot.links.indices { snapshot.links[place].name = place == 0 ? #"v"0"# : "other" }
        var activities = LinkActivities(from: Self.start, to: Self.time(120), title: "2m")
        activities.add(HistoryPage(series: [series([(0, 0, nil), (10, 1000, 100), (20, 1500, 50)])]))
        var lines: [String] = []
        SnapshotTable(snapshot, activities: activities, style: TableStyle(), now: Page.moment.timestamp).render {
            lines.append($0)
        }
        #expect(lines[0].contains("rates over 2m"))
        #expect(lines.contains { $0.hasPrefix("  LINK ") && $0.contains("RX TX bit/s LAST 2m       REMARKS") })
        #expect(lines.contains { $0.contains(#"v"0"#) && $0.contains(" 600        - #=") })
        #expect(lines.contains { $0.contains("other") && $0.contains(" -        - ") })
        #expect(lines.allSatisfy { $0.count <= 81 })
    }

    @Test("long names, kinds and states beside the course still fit in 80 columns, names whole")
    func narrow() {
        for kind in [LinkKind.veth, .other("openvswitch")] {
            let snapshot = Snapshots.make(
                [(1, Snapshots.link("br-lan", .bridge)), (2, Snapshots.link("qvo1234abcd-ef0", kind, carrier: false))]
                    + (3...9).map { (Int32($0), Snapshots.link("qvb1234abcd-ef\($0)", .veth, master: 1, port: 4)) })
            let activities = LinkActivities(from: Self.start, to: Self.time(120), title: "2m")
            var lines: [String] = []
            SnapshotTable(snapshot, activities: activities, style: TableStyle(), now: Page.moment.timestamp).render {
                lines.append($0)
            }
            for line in lines { #expect(line.count <= 81, "\(line)") }
            for number in 3...9 { #expect(lines.contains { $0.contains(" qvb1234abcd-ef\(number)\n") }) }
            SnapshotTable(snapshot, style: TableStyle(), now: Page.moment.timestamp).render {
                #expect($0.count <= 81, "\($0)")
            }
        }
    }

    @Test("what a dead daemon left is listed with who was gone by then")
    func leftTable() {
        var activities = LinkActivities(from: Self.start, to: Self.time(120), title: "2m")
        let page = HistoryPage(series: [
            series([(0, 0, nil), (10, 1000, 100)]), series([(0, 0, nil), (10, 0, 0)], netns: "blue", died: 60),
        ])
        activities.add(page)
        var text = ""
        HistoryTable(activities, [page], style: TableStyle()).render { text += $0 }
        #expect(text.hasPrefix("2 links, as last seen at 2027-01-15T08:02:00.000Z, rates over 2m\n"))
        #expect(text.contains(#"  v"0  veth there    800        - #"#))
        #expect(text.contains("  netns blue\n") && text.contains("gone at"))
        #expect(text.contains("2027-01-15T08:01:00.000Z"))
    }

    @Test("a page's JSON is read back, to the millisecond, numbers exact")
    func json() throws {
        let before = HistoryPage(
            series: [series([(0, .max, nil), (1.3825, 3, 0.25)], netns: "blue", died: 9)], next: "3.4")
        let after = try JSONDecoder().decode(HistoryPage.self, from: JSONEncoder().encode(before))
        #expect(after.next == "3.4" && after.series[0].labels == before.series[0].labels)
        #expect(after.series[0].values == [.max, 3] && after.series[0].rates == [nil, 0.25])
        #expect(after.series[0].times == [Self.time(0), Self.time(1.382)] && after.series[0].died == Self.time(9))
        let damaged =
            #"{"series":[{"device":"a","kind":"b","metric":"receive_bytes","born_seconds":1,"times":[1],"values":[],"rates":[]}]}"#
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(HistoryPage.self, from: Data(damaged.utf8)) }
    }
}

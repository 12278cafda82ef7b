import Foundation
import TestSupport
import Testing

@testable import LinkCollector
@testable import VexportCore

/// Whether this is the long run: `make soak`.
let isSoak = ProcessInfo.processInfo.environment["VEXPORT_SOAK"] == "1"

/// A namespace with two that watch it: a collector inside the tests, whose inventory can be compared, and the program
/// itself, whose memory, descriptors and answers are its users'.
final class Storm {
    let watched: Watched
    let daemon: Background
    private var before: ProcessResources
    private var historyBefore = 0.0

    init(receiveBuffer: Int32 = 16 << 20, _ prepare: (Namespace) throws -> Void) throws {
        watched = try Watched(receiveBuffer: receiveBuffer, prepare)
        daemon = try DaemonTests.serve(watched.namespace)
        _ = try watched.namespace.run("curl", "-sf", "http://127.0.0.1:10119/metrics")
        before = try ProcessResources(pid: daemon.pid)
        historyBefore = try historyBytes()
    }

    var namespace: Namespace { watched.namespace }

    var statistics: CollectorStatistics { watched.collector.state.withLock { $0.statistics } }

    /// What storm.c did, in its own words.
    func run(_ arguments: [String]) throws -> String {
        try Scene.run("storm", arguments, in: namespace).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Takes what the daemon uses now for what it may use after the storm: what a first storm grew stays.
    func rememberResources() throws {
        before = try resources()
        historyBefore = try historyBytes()
    }

    /// What the history takes, of links that are gone too: half a kilobyte of each for its name and place.
    private func historyBytes() throws -> Double {
        let page = try page()
        let samples = page.filter { $0.key.hasPrefix("vexport_history_bytes{") }.values.reduce(0, +)
        return samples + page["vexport_history_links"]! * 512
    }

    private func resources() throws -> ProcessResources { try ProcessResources(pid: daemon.pid) }

    // MARK: - The daemon's page

    /// The daemon's series and their values.
    func page() throws -> [Substring: Double] {
        let text = try namespace.run("curl", "-sf", "http://127.0.0.1:10119/metrics")
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        return Dictionary(
            lines.map { line in
                let space = line.lastIndex(of: " ")!
                return (line[..<space], Double(line[line.index(after: space)...])!)
            }, uniquingKeysWith: { _, _ in .nan })
    }

    /// What two observers and the kernel itself say of losses.
    func netlinkFigures() throws -> String {
        let page = try self.page()
        func number(_ name: String) -> Int { Int(page["vexport_netlink_\(name)"] ?? 0) }
        let (mine, dropped) = (statistics, try drops())
        return """
            collector: \(mine.overruns) overruns (kernel dropped \(dropped.watched)), \(mine.resyncs) resyncs, \
            last \(mine.lastResync.map { "\($0 / .milliseconds(1)) ms" } ?? "none"), \(mine.linkDumps) dumps; \
            daemon: \(number("overruns_total")) overruns (kernel dropped \(dropped.daemon)), \
            \(number("resyncs_total")) resyncs, \(number("dumps_total{type=\"link\"}")) dumps, \
            \(number("inferred_events_total")) inferred
            """
    }

    /// How many messages the kernel dropped for want of room in the event sockets. Source: /proc/net/netlink.
    private func drops() throws -> (watched: Int, daemon: Int) {
        var result = (watched: 0, daemon: 0)
        for line in try namespace.run("cat", "/proc/net/netlink").split(separator: "\n").dropFirst() {
            // sk, family, port, groups, receive memory, send memory, dump, locks, drops
            let fields = line.split(separator: " ")
            guard fields[1] == "0", fields[3] != "00000000", let dropped = Int(fields[8]) else { continue }
            if fields[2] == "\(daemon.pid)" { result.daemon += dropped } else { result.watched += dropped }
        }
        return result
    }

    // MARK: - What every storm ends with

    /// Both inventories are true, every overrun was counted and made up for, memory and descriptors are back.
    ///
    /// - Parameter seconds: how long the kernel may go on telling of changes long past.
    func expectCalm(seconds: Int = 60) throws {
        try watched.expectEqualToIP("after the storm", seconds: seconds)
        try wait("the daemon to say what ip says", seconds: seconds) {
            let page = try self.page()
            let ip = try ipLinks(try namespace.ip("-j -d link"))
            let links = page.filter { $0.key.hasPrefix("vexport_link_admin_up{") }
            return links.count == ip.count
                && ip.values.allSatisfy { link in
                    let device = "{device=\"\(link.facts["ifname"]!)\"}"
                    return page["vexport_link_admin_up\(device)"] == (link.facts["up"] == "true" ? 1 : 0)
                        && page["vexport_link_carrier\(device)"] == (link.facts["lower_up"] == "true" ? 1 : 0)
                }
        }
        try wait("the last loss to be made up for", seconds: seconds) {
            watched.collector.state.withLock { !$0.schedule.isResyncing }
        }
        let (page, dropped) = (try self.page(), try drops())
        #expect((dropped.watched > 0) == (statistics.overruns > 0))
        #expect((statistics.overruns > 0) == (statistics.resyncs > 0))
        #expect((dropped.daemon > 0) == (page["vexport_netlink_overruns_total"]! > 0))
        #expect((page["vexport_netlink_overruns_total"]! > 0) == (page["vexport_netlink_resyncs_total"]! > 0))
        try wait("its descriptors to be closed") { try resources().descriptors <= before.descriptors }
        // What remains is the history of links that are gone, which has a limit of its own, the journal of the last events,
        // noise, and what glibc's arenas can't give back.
        let history = try (historyBytes() - historyBefore) / 1024
        try wait("its memory to be given back", seconds: 30) {
            try resources().residentKilobytes < before.residentKilobytes + Int(history) + 12 << 10
        }
        let after = try resources()
        print(
            "storm: resident \(before.residentKilobytes) kB before, \(after.residentKilobytes) kB after, \(Int(history)) kB "
                + "of them history")
    }
}

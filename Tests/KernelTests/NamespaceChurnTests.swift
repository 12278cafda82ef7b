import Foundation
import TestSupport
import Testing

@testable import LinkCollector
@testable import VexportCore

/// Pairs and namespaces that come, move and go while a collector watches: a few hundred, or in `make soak` two thousand in
/// each of ten rounds.
@Suite(.serialized) struct NamespaceChurnTests {
    private static let writers = 8

    /// One writer's commands: it makes pairs, sends their ends around, makes a namespace that dies with what is in it, and
    /// deletes what its generator chooses.
    private func script(_ writer: Int, pairs: Int, home: String, others: [String], seed: UInt64) -> String {
        var generator = SeededGenerator(seed: seed &+ UInt64(writer))
        let mortal = "\(home)-w\(writer)"
        let names = (0..<pairs).map { "w\(writer)p\($0)" }
        var places: [String: String] = [:]
        var batches: [(namespace: String, lines: [String])] = []
        batches.append((home, names.map { "link add \($0) type veth peer name \($0)x" }))
        for _ in 0..<3 {
            var moves: [String: [String]] = [:]
            for name in names where Bool.random(using: &generator) {
                let (from, goal) = (places[name] ?? home, (others + [home, mortal]).randomElement(using: &generator)!)
                guard from != goal, from != mortal else { continue }
                moves[from, default: []].append("link set \(name)x netns \(goal)")
                places[name] = goal
            }
            batches += moves.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
            let flapped = names.filter { _ in Bool.random(using: &generator) }
            batches.append((home, flapped.flatMap { ["link set \($0) up", "link set \($0) mtu 1400"] }))
        }
        let deleted = names.filter { places[$0] != mortal && Int.random(in: 0..<3, using: &generator) == 0 }
        batches.append((home, deleted.map { "link del \($0)" }))
        let commands = batches.filter { !$0.lines.isEmpty }.map {
            "ip -n \($0.namespace) -batch - <<'END'\n\($0.lines.joined(separator: "\n"))\nEND\n"
        }
        return "set -e\nip netns add \(mortal)\n\(commands.joined())ip netns del \(mortal)\necho done\n"
    }

    @Test(
        "eight writers make, move and delete pairs, and all namespaces end as ip shows them",
        arguments: [16 << 20, 4096] as [Int32])
    func churn(receiveBuffer: Int32) throws {
        let (rounds, pairs) = isSoak ? (10, 2_000 / Self.writers) : (1, 200 / Self.writers)
        let others = try (0..<4).map { _ in try Namespace() }
        let watched = try Watched(receiveBuffer: receiveBuffer, scope: .all)
        let seed = UInt64.random(in: 0...UInt64.max)
        print("namespaces: churn with seed \(seed)")
        func descriptors() throws -> Int { try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count }
        let before = try descriptors()
        for round in 0..<rounds {
            let scripts = (0..<Self.writers).map {
                script(
                    $0, pairs: pairs, home: watched.namespace.name, others: others.map(\.name),
                    seed: seed &+ UInt64(round * Self.writers))
            }
            let writers = try scripts.map { try Background(["bash", "-c", $0]) }
            for writer in writers { try writer.waitForLine("done") }
            for writer in writers { #expect(writer.stop() == 0) }
            try watched.expectEqualToIP(in: others, "round \(round) of seed \(seed)", seconds: 60)
            for other in others + [watched.namespace] {
                let names = try ipLinks(other.ip("-j link")).values.compactMap { $0.facts["ifname"] }
                try other.ipBatch(names.filter { $0 != "lo" && !$0.hasSuffix("x") }.map { "link del \($0)" })
            }
            try watched.expectEqualToIP(in: others, "emptied after round \(round) of seed \(seed)", seconds: 60)
        }
        try wait("the mortal namespaces to be forgotten") {
            !watched.inventory.namespaces.all.contains {
                $0.label?.description.hasPrefix(watched.namespace.name + "-w") == true
            }
        }
        // Others come and go with a look; those of the finished writers may take a moment to be closed.
        try wait("all descriptors to be closed again") { try descriptors() <= before }
        // Two that look alike are taken for new ones, and given up when their time is over.
        try wait("links on their way to be settled", seconds: 100) { watched.inventory.inTransit.isEmpty }
        let statistics = watched.collector.state.withLock { $0.statistics }
        print(
            "namespaces: \(statistics.overruns) overruns, \(statistics.linkDumps) dumps, \(statistics.questions) questions"
        )
        if receiveBuffer == 4096 { #expect(statistics.overruns > 0) }
    }
}

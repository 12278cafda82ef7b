import Foundation
import RingStore
import TestSupport
import Testing

/// How many bytes a sample takes in a block's file, with the file's header, its ticks and whom it tells of.
struct SizeTests {
    @Test("what does not move takes a hundredth of a byte a sample")
    func constant() throws {
        let places = try Places()
        let (subjects, columns, ticks) = (200, 25, 600)
        let store = try RingStore(places.options(columns: columns), at: Tick(second: 1)) { Issue.record("\($0)") }
        for row in 0..<subjects { _ = store.attach(key: Array("veth\(row)".utf8), row: row, at: Tick(second: 1)) }
        // Half of an idle link's counters counted something once.
        let rows = (0..<subjects).map { row -> [UInt64] in
            (0..<columns).map { column in column % 2 == 0 ? UInt64(row) + 1 << UInt64(column) : 0 }
        }
        for second in 1...UInt64(ticks) { store.append(Tick(second: second), rows: rows, columns: columns) }
        store.close()
        let bytes = try Self.blockBytes(places)
        let each = Double(bytes) / Double(subjects * columns * ticks)
        print("ring size: constant columns take \(each) bytes a sample")
        #expect(each <= 0.01)
    }

    @Test(
        "real traffic takes at most 60% of what Prometheus' chunks take for the same samples", arguments: [false, true])
    func moving(isAligned: Bool) throws {
        var traffic = try Traffic()
        // As if each tick came exactly at its second: such timestamps cost Prometheus one bit.
        if isAligned { traffic.alignTicks() }
        let places = try Places()
        let store = try RingStore(places.options(columns: Traffic.columns), at: traffic.ticks[0]) {
            Issue.record("\($0)")
        }
        for (row, name) in traffic.links.enumerated() {
            _ = store.attach(key: Array(name.utf8), row: row, at: traffic.ticks[0])
        }
        for (tick, rows) in zip(traffic.ticks, traffic.rows) {
            store.append(tick, rows: rows, columns: Traffic.columns)
        }
        store.close()
        // All that the file has, with what does not move.
        let samples = Double(traffic.moving.count * traffic.ticks.count)
        let own = Double(try Self.blockBytes(places)) / samples
        let theirs = Double(try Self.prometheusBytes(traffic)) / samples
        print("ring size: moving columns take \(own) bytes a sample, in Prometheus \(theirs): \(own / theirs)")
        #expect(own <= 0.6 * theirs)
    }

    private static func blockBytes(_ places: Places) throws -> Int {
        try places.files(places.state).filter { $0.hasPrefix("tier0") }.reduce(0) {
            $0 + (try Data(contentsOf: URL(fileURLWithPath: places.state + "/" + $1)).count)
        }
    }

    /// Has the real promtool make blocks of the moving columns.
    ///
    /// - Returns: the bytes of the chunks' data, without their lengths and checksums.
    private static func prometheusBytes(_ traffic: Traffic) throws -> Int {
        let places = try Places()
        var text = "# TYPE c counter\n"
        for (link, column) in traffic.moving {
            for (tick, rows) in zip(traffic.ticks, traffic.rows) {
                let time = tick.wall / 1_000_000
                let fraction = String(String(1_000 + time % 1_000).dropFirst())
                text +=
                    "c_total{link=\"\(link)\",column=\"\(column)\"} \(rows[link][column]) \(time / 1_000).\(fraction)\n"
            }
        }
        try Data((text + "# EOF\n").utf8).write(to: URL(fileURLWithPath: places.root + "/samples"))
        try Command.run(
            "promtool", "tsdb", "create-blocks-from", "openmetrics", places.root + "/samples", places.root + "/tsdb")
        var (bytes, samples) = (0, 0)
        for block in try places.files(places.root + "/tsdb") {
            let directory = places.root + "/tsdb/" + block + "/chunks"
            for name in (try? places.files(directory)) ?? [] {
                let chunks = Array(try Data(contentsOf: URL(fileURLWithPath: directory + "/" + name)))
                var offset = 8
                while offset < chunks.count {
                    var (length, shift) = (0, 0)
                    repeat {
                        length |= Int(chunks[offset] & 0x7f) << shift
                        shift += 7
                        offset += 1
                    } while chunks[offset - 1] >= 0x80
                    #expect(chunks[offset] == 1, "not a chunk of XOR encoding")
                    samples += Int(chunks[offset + 1]) << 8 | Int(chunks[offset + 2])
                    bytes += length
                    offset += 1 + length + 4
                }
            }
        }
        #expect(samples == traffic.moving.count * traffic.ticks.count)
        return bytes
    }
}

/// Counters recorded under real traffic: Tests/Fixtures/traffic.txt, by record_traffic.py.
struct Traffic {
    static let columns = 25

    private(set) var links: [String] = []
    private(set) var ticks: [Tick] = []
    /// By tick and link.
    private(set) var rows: [[[UInt64]]] = []

    init() throws {
        var now = Tick(monotonic: 0, wall: 0)
        for line in try Repository.text("Tests/Fixtures/traffic.txt").split(separator: "\n") where !line.hasPrefix("#")
        {
            let words = line.split(separator: " ")
            switch words[0] {
            case "link": links.append(String(words[1]))
            case "tick":
                now = Tick(monotonic: now.monotonic + UInt64(words[1])!, wall: now.wall + Int64(words[2])!)
                ticks.append(now)
                rows.append(
                    rows.last ?? Array(repeating: [UInt64](repeating: 0, count: Self.columns), count: links.count))
            default:
                for word in words.dropFirst() {
                    let parts = word.split(separator: "+")
                    rows[rows.count - 1][Int(words[0])!][Int(parts[0])!] += UInt64(parts[1])!
                }
            }
        }
    }

    mutating func alignTicks() {
        let first = ticks[0]
        ticks = ticks.map { tick in
            let seconds = (tick.monotonic - first.monotonic + Tick.second / 2) / Tick.second
            return Tick(
                monotonic: first.monotonic + seconds * Tick.second, wall: first.wall + Int64(seconds * Tick.second))
        }
    }

    /// The columns that are not the same all the time.
    var moving: [(link: Int, column: Int)] {
        links.indices.flatMap { link in
            (0..<Self.columns).filter { column in rows.contains { $0[link][column] != rows[0][link][column] } }
                .map { (link, $0) }
        }
    }
}

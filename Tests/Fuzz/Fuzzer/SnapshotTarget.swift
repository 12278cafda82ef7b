import TestSupport

@testable import VexportCore

/// A snapshot's JSON: `vexport dump` takes it from whoever answers on the socket.
enum SnapshotTarget: FuzzTarget {
    static func seeds() throws -> [[UInt8]] { [Array(try Repository.text("Tests/Goldens/snapshot.json").utf8)] }

    static func run(_ input: [UInt8]) {
        guard let snapshot = try? Snapshot(json: input) else { return }
        var names = 0
        SnapshotTable(snapshot, style: TableStyle(), now: snapshot.time).render { line in
            names += 1
            require(
                line.unicodeScalars.dropLast().allSatisfy { $0.value >= 0x20 && $0.value != 0x7f }, "control: \(line)")
        }
        require(names > snapshot.links.count, "\(snapshot.links.count) links in \(names) lines")
        // A number may be beyond what JSON's reader takes; what can be written can be read.
        guard let json = try? snapshot.json() else { return }
        require((try? Snapshot(json: json)) == snapshot, "not the same after writing")
    }
}

import Foundation
import RingStore
import Synchronization
import TestSupport

/// Directories of a test, gone when it ends.
final class Places {
    let root: String
    var state: String { root + "/state" }
    var runtime: String { root + "/run" }

    init() throws {
        root = "/dev/shm/ring-tests-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    func files(_ directory: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
    }

    func options(columns: Int = 4, boot: UInt64 = 1) -> RingOptions {
        var options = RingOptions(columnCount: columns, boot: Boot(high: 0, low: boot))
        options.stateDirectory = state
        options.runtimeDirectory = runtime
        return options
    }
}

/// What a store told.
final class Notices: Sendable {
    private let list = Mutex<[RingNotice]>([])

    var all: [RingNotice] { list.withLock { $0 } }
    var texts: [String] { all.map(\.description) }

    func callAsFunction(_ notice: RingNotice) { list.withLock { $0.append(notice) } }
}

extension Tick {
    static let second: UInt64 = 1_000_000_000

    /// A tick so many seconds after a boot, whose clock was right.
    init(second: UInt64, plus nanoseconds: UInt64 = 0) {
        let monotonic = second * Tick.second + nanoseconds
        self.init(monotonic: monotonic, wall: 1_790_000_000 * Int64(Tick.second) + Int64(monotonic))
    }
}

extension RingStore {
    /// Appends rows; those that are nil are not present.
    @discardableResult
    func append(_ tick: Tick, rows: [[UInt64]?], columns: Int) -> Outcome {
        let values = (0..<columns).flatMap { column in rows.map { $0?[column] ?? .max } }
        let present = rows.map { $0 != nil }
        return append(tick, columns: values.span, stride: rows.count, present: present.span)
    }
}

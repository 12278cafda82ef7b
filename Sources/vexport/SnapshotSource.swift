import Glibc
import MetricsServer
import VexportCore

/// GET /api/v1/snapshot.
struct SnapshotSource: Sendable {
    let frames: any FrameSource
    let findings: FindingStore

    var endpoint: APIEndpoint {
        APIEndpoint("/api/v1/snapshot") { _ in
            do {
                guard let json = try json() else { return .text("vexport has not read the links yet.", status: 503) }
                return APIResponse(body: json)
            } catch {
                return .text("\(error)", status: 500)
            }
        }
    }

    /// The last scheduled tick, with rates since the one before; before the second tick, the only one. O(links), a
    /// tenth of a millisecond each: not for the thread that serves scrapes.
    ///
    /// - Returns: JSON; nil before the first tick.
    func json() throws -> [UInt8]? {
        let last = frames.lastTwo
        guard let frame = last?.later ?? frames.latest else { return nil }
        return try Snapshot.json(
            frame: frame, previous: last?.earlier, host: Host.name, madeBy: "vexport \(Version.current)",
            isFromDaemon: true, findings: findings.latest.map { FindingRecord($0) })
    }
}

/// The machine, or the container, that vexport runs on.
enum Host {
    /// Source: gethostname(2). Empty when the kernel does not say.
    static var name: EscapedText {
        var bytes = [CChar](repeating: 0, count: 256)  // HOST_NAME_MAX is 64
        guard unsafe gethostname(&bytes, bytes.count - 1) == 0 else { return "" }
        return EscapedText(bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) })
    }
}

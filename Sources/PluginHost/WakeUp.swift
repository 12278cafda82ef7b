internal import CSpawn
import Glibc

/// Wakes the thread that waits for plugins.
final class WakeUp: Sendable {
    let readEnd: Int32
    private let writeEnd: Int32

    /// - Throws: when the process has no descriptors left.
    init() throws(PluginFailure) {
        var ends: (Int32, Int32) = (-1, -1)
        let code = unsafe vexport_pipe(&ends.0, &ends.1, 1)
        guard code == 0 else { throw PluginFailure("open a pipe", errno: code) }
        (readEnd, writeEnd) = ends
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    func signal() {
        var byte: UInt8 = 0
        _ = unsafe write(writeEnd, &byte, 1)
    }

    /// Takes the signals so far.
    func clear() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while unsafe read(readEnd, &bytes, bytes.count) == bytes.count {}
    }
}

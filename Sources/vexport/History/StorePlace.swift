import Glibc
import RingStore
import VexportCore

/// Where a history is: closed blocks in the directory of `storage.path`, what is open on the tmpfs of /run.
struct StorePlace {
    /// nil: in memory only.
    let stateDirectory: String?
    let runtimeDirectory: String?

    private static let runtimeRoot = "/run/vexport"

    /// - Parameter path: `storage.path`; empty for none.
    init(path: String) {
        guard !path.isEmpty else {
            (stateDirectory, runtimeDirectory) = (nil, nil)
            return
        }
        stateDirectory = path + "/history"
        // Each store has its own, found by its path, however that was written.
        let resolved = unsafe realpath(path, nil)
        defer { unsafe free(resolved) }
        let name = unsafe resolved.map { unsafe String(cString: $0) } ?? path
        runtimeDirectory = Self.runtimeRoot + "/history" + String(name.map { $0 == "/" ? "-" : $0 })
    }

    /// Makes the directories that the store's own are in, if only they are missing. What else is wrong, opening the store
    /// says.
    static func prepare(_ path: String) {
        guard !path.isEmpty else { return }
        for directory in [path, runtimeRoot] { _ = unsafe mkdir(directory, 0o750) }
    }
}

extension Boot {
    /// This boot. All zero when the kernel does not say. Source: /proc/sys/kernel/random/boot_id.
    static var current: Boot {
        let digits = SmallFile.read("/proc/sys/kernel/random/boot_id").filter(\.isHexDigit)
        guard digits.count == 32, let high = UInt64(digits.prefix(16), radix: 16),
            let low = UInt64(digits.suffix(16), radix: 16)
        else { return Boot(high: 0, low: 0) }
        return Boot(high: high, low: low)
    }
}

extension NamespaceFile {
    /// vexport's own. nil when /proc is not there.
    static var own: NamespaceFile? {
        var status = stat()
        guard unsafe stat("/proc/self/ns/net", &status) == 0 else { return nil }
        return NamespaceFile(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }
}

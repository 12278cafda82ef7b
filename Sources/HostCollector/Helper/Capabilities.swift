internal import CHost
import Glibc
import VexportCore

/// Which rights who has.
struct Capabilities: OptionSet, Equatable {
    let rawValue: UInt64

    /// Reads what belongs to other users, descriptors of processes for one.
    static let readSearch = Capabilities(rawValue: 1 << 2)  // CAP_DAC_READ_SEARCH
    /// Tells which namespace a tap is in.
    static let netAdmin = Capabilities(rawValue: 1 << 12)  // CAP_NET_ADMIN
    /// Looks into other users' processes.
    static let ptrace = Capabilities(rawValue: 1 << 19)  // CAP_SYS_PTRACE

    /// All that the helper keeps.
    static let helper: Capabilities = [.readSearch, .netAdmin, .ptrace]
    /// What it takes to look at everybody's processes.
    static let everyProcess: Capabilities = [.readSearch, .ptrace]

    /// The calling thread's permitted ones.
    static func current() throws(SystemCallError) -> Capabilities {
        var permitted: UInt64 = 0
        let code = unsafe host_capabilities(&permitted)
        guard code == 0 else { throw SystemCallError("capget", code) }
        return Capabilities(rawValue: permitted)
    }

    /// Takes all others from the calling thread, and from those that it starts later, for good.
    func keepOnly() throws(SystemCallError) {
        let code = host_keep_capabilities(rawValue)
        guard code == 0 else { throw SystemCallError("capset", code) }
    }

    /// Whether the calling thread may look at everybody's processes.
    static var seeAll: Bool { (try? current())?.isSuperset(of: everyProcess) == true }
}

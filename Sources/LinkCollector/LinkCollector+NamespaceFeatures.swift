internal import CSystemCalls
import Glibc
internal import Netlink
import VexportCore

/// What vexport can do in other namespaces with the rights it has.
extension LinkCollector {
    /// - Parameter takeOwn: takes vexport's own namespace when others can be followed.
    static func following(_ reader: NamespaceReader, _ takeOwn: (NamespaceSighting) -> Void) -> Feature {
        let name = "other namespaces"
        let route = NamespaceRoute.path(FilePath("/proc/thread-self/ns/net"))
        // Somebody with more rights may have numbered it.
        guard reader.mayNumber(route), let own = reader.sight(route), own.nsid != nil else {
            return Feature(
                name,
                .missing(
                    reason: "they can't be numbered or asked about",
                    cost: "only the links of vexport's own namespace are known",
                    remedy: "CAP_NET_ADMIN"))
        }
        takeOwn(own)
        return Feature(name, .works(facts: ""))
    }

    static func hearing(_ events: NetlinkSocket) -> Feature {
        let name = "events there"
        do throws(NetlinkError) {
            try events.listenToAllNamespaces()
            return Feature(name, .works(facts: ""))
        } catch {
            let cost = "what happens in other namespaces is known after \(pollInterval), and short states go unseen"
            let reason = error.errno == EPERM ? "vexport may not hear them" : "\(error)"
            return Feature(name, .missing(reason: reason, cost: cost, remedy: "CAP_NET_BROADCAST"))
        }
    }

    /// Not a lack: what can't be read inside can be read from afar.
    static func reading(_ reader: NamespaceReader) -> Feature {
        let mayVisit =
            FilePath("/proc/thread-self/ns/net").withOpenFile { vexport_enter_network_namespace($0) == 0 } ?? false
        let facts =
            mayVisit
            ? "by visits" : "from afar, which is dearer, and without what bridges know; CAP_SYS_ADMIN allows visits"
        return Feature("counters there", .works(facts: facts))
    }

    static func finding() -> Feature {
        let name = "processes there"
        // Not tried out: some processes are out of everybody's reach.
        guard !mayTrace else { return Feature(name, .works(facts: "")) }
        return Feature(
            name,
            .missing(
                reason: "the namespaces of other users' processes can't be seen",
                cost: "one without a name in /run/netns is known by number only, and not before a link leads there",
                remedy: "CAP_SYS_PTRACE"))
    }

    /// Whether this thread has CAP_SYS_PTRACE. Source: /proc/PID/status, CapEff.
    private static var mayTrace: Bool {
        guard let status = FilePath("/proc/thread-self/status").text(limit: 8 << 10) else { return false }
        let line = status.split(separator: "\n").first { $0.hasPrefix("CapEff:") }
        let capabilities = line.flatMap { UInt64($0.dropFirst(7).drop { $0 == "\t" || $0 == " " }, radix: 16) } ?? 0
        return capabilities & 1 << 19 != 0
    }
}

internal import Netlink
public import VexportCore

extension LinkCollector {
    /// Tries what the collector needs of the kernel, in the calling thread's namespace and with its rights.
    public static func probe(_ options: Options) -> [Feature] {
        [events, links, counters, { buffer(options.receiveBuffer) }].map { $0() }
            + (options.namespaces == .all ? namespaces(options) : [])
    }

    private static func namespaces(_ options: Options) -> [Feature] {
        guard let socket = try? NetlinkSocket(), let reader = try? NamespaceReader(socket: NetlinkSocket()) else {
            return []  // the features before have told why
        }
        return beginToFollow(socket, reader, options).features
    }

    private static func events() -> Feature {
        Feature("link events", cost: "nothing works", remedy: "a kernel with rtnetlink") { () throws(NetlinkError) in
            try NetlinkSocket().subscribe()
            return ""
        }
    }

    private static func links() -> Feature {
        Feature("links", cost: "nothing works", remedy: "a kernel with rtnetlink") { () throws(NetlinkError) in
            var count = 0
            _ = try NetlinkSocket().dumpLinks { _ in count += 1 }
            return "\(count) in this namespace"
        }
    }

    private static func counters() -> Feature {
        Feature("counters", cost: "no counters", remedy: "Linux 4.7, which has RTM_GETSTATS") {
            () throws(NetlinkError) in
            var count = 0
            _ = try NetlinkSocket().dumpStats(started: {}) { if $0.counters.byteCount > 0 { count += 1 } }
            return "\(count) links"
        }
    }

    private static func buffer(_ wanted: Int32) -> Feature {
        let name = "event buffer"
        do throws(NetlinkError) {
            let granted = try NetlinkSocket().setReceiveBuffer(wanted)
            guard granted < 2 * Int(wanted) else { return Feature(name, .works(facts: "\(granted >> 20) MiB")) }
            return Feature(
                name,
                .missing(
                    reason: "\(granted >> 10) KiB where \(2 * Int(wanted) >> 20) MiB are wanted",
                    cost: "a storm of events overflows it and all links are dumped again",
                    remedy: "CAP_NET_ADMIN, or sysctl net.core.rmem_max=\(wanted)"))
        } catch {
            return Feature(name, .missing(reason: "\(error)", cost: "events may be lost", remedy: "see the reason"))
        }
    }
}

extension Feature {
    /// Works when `attempt` does.
    fileprivate init(
        _ name: String, cost: String, remedy: String, _ attempt: () throws(NetlinkError) -> String
    ) {
        do throws(NetlinkError) {
            self.init(name, .works(facts: try attempt()))
        } catch {
            self.init(name, .missing(reason: "\(error)", cost: cost, remedy: remedy))
        }
    }
}

internal import CSystemCalls
import Glibc
internal import Netlink
import VexportCore

/// Facts that the kernel tells over netlink.
final class KernelFacts: Sendable {
    private let links: NetlinkSocket
    private let sockets: NetlinkSocket
    /// Packets that each namespace had sent at the last look.
    private let sent = SentPackets()

    init() throws(NetlinkError) {
        links = try NetlinkSocket()
        sockets = try .forSocketDiagnosis()
    }

    /// - Parameter failed: called with what the kernel refused; those facts stay unknown.
    func answer(_ request: FactRequest, _ answer: inout FactAnswer, failed: (NetlinkError) -> Void) {
        let shared = request.links.contains { $0.kinds.contains(.uses) } ? sharedUses(failed) : SharedUses()
        for question in request.links {
            // One that is gone needs no answer.
            guard let link = attempt(failed, { () throws(NetlinkError) in try links.link(question.address) }) ?? nil
            else {
                continue
            }
            var sheet = LinkFactSheet()
            sheet.seen = LinkSighting(link)
            if let peer = question.peer {
                let seen = attempt(failed) { () throws(NetlinkError) in try links.link(peer.address) } ?? nil
                sheet.peerSeen = seen.map { LinkSighting($0) }
            }
            if question.kinds.contains(.uses), question.address.namespace == nil {
                let index = question.address.index
                sheet.addresses = shared.addresses.map { $0[index] ?? [] }
                sheet.routes = shared.routes.map { $0[index] ?? 0 }
                sheet.packetSockets = shared.packetSockets.map { $0[index] ?? 0 }
                sheet.hasPrograms = hasPrograms(index, failed)
            }
            if question.kinds.contains(.forwarding), question.address.namespace == nil {
                sheet.learnedAddresses = learnedAddresses(question.address.index, failed)
            }
            answer.links[question.place] = sheet
        }
        for bridge in request.bridges { answer.heard[bridge] = heard(by: bridge, failed) }
        let detailed = request.namespaces.filter { $0.value.isDetailed }
        guard !detailed.isEmpty else { return }
        let packets = packetsReceived(failed)
        for (id, question) in detailed {
            var use = NamespaceUse()
            if let nsid = question.nsid {
                use.hasAddresses = hasAddresses(nsid, failed)
                use.isForwarding = isForwarding(nsid, failed)
            }
            if let packets {
                let now = question.nearEnds.reduce(UInt64(0)) { $0 &+ (packets[$1] ?? 0) }
                use.isSending = sent.update(id, now, at: answer.startedAt).map { $0 != now }
            }
            answer.namespaces[id] = use
        }
    }

    // MARK: - Links

    /// What one dump tells of all links of vexport's namespace.
    private struct SharedUses {
        var addresses: [Int32: [String]]?
        var routes: [Int32: Int]?
        var packetSockets: [Int32: Int]?
    }

    private func sharedUses(_ failed: (NetlinkError) -> Void) -> SharedUses {
        var shared = SharedUses()
        var addresses: [Int32: [String]] = [:]
        let addressDump = attempt(failed) { () throws(NetlinkError) in
            try links.dumpAddresses { if !$0.isLinkLocal { addresses[$0.index, default: []].append($0.text) } }
        }
        var routes: [Int32: Int] = [:]
        var isKnown = true
        let routeDump = attempt(failed) { () throws(NetlinkError) in
            try links.dumpRoutes { route in
                if route.hasNextHopObject, route.outputs.isEmpty { isKnown = false }
                guard route.origin != RouteMessage.kernelOrigin else { return }
                for output in route.outputs { routes[output, default: 0] += 1 }
            }
        }
        var packetSockets: [Int32: Int] = [:]
        let socketDump = attempt(failed) { () throws(NetlinkError) in
            try sockets.dumpPacketSockets { packetSockets[$0, default: 0] += 1 }
        }
        // A torn dump may have missed just what is asked for.
        if addressDump == .complete { shared.addresses = addresses }
        if routeDump == .complete, isKnown { shared.routes = routes }
        if socketDump == .complete { shared.packetSockets = packetSockets }
        return shared
    }

    private func hasPrograms(_ index: Int32, _ failed: (NetlinkError) -> Void) -> Bool? {
        guard let use = attempt(failed, { () throws(NetlinkError) in try links.linkUse(index) }) ?? nil,
            let hasFilters = attempt(failed, { () throws(NetlinkError) in try links.hasFilters(index) })
        else { return nil }
        if use.hasXDP || hasFilters { return true }
        // BPF_TCX_INGRESS and _EGRESS, newer than Debian 12's headers. Before Linux 6.6 (EINVAL) there are none.
        let counts = [UInt32(46), 47].map { vexport_attached_programs(UInt32(bitPattern: index), $0) }
        if counts.contains(where: { $0 > 0 }) { return true }
        return counts.allSatisfy { $0 == 0 || $0 == -EINVAL } ? false : nil
    }

    private func learnedAddresses(_ port: Int32, _ failed: (NetlinkError) -> Void) -> [String]? {
        var addresses: [String] = []
        let dump = attempt(failed) { () throws(NetlinkError) in
            try links.dumpForwarding(port: port) { entry in
                guard entry.index == port, !entry.isLocal else { return }
                addresses.append(HardwareAddress(entry.address).description)
            }
        }
        return dump == .complete ? addresses.sorted() : nil
    }

    /// More than a bridge of workloads has; beyond it nothing is told of the bridge.
    private static let mostHeard = 16_384

    private func heard(by bridge: Int32, _ failed: (NetlinkError) -> Void) -> [HeardAddress]? {
        var heard: Set<HeardAddress> = []
        let dump = attempt(failed) { () throws(NetlinkError) in
            try links.dumpForwarding(bridge: bridge) { entry in
                guard entry.isLearned, heard.count <= Self.mostHeard else { return }
                heard.insert(
                    HeardAddress(port: entry.index, vlan: entry.vlan, address: HardwareAddress(entry.address)))
            }
        }
        return dump == .complete && heard.count <= Self.mostHeard ? Array(heard) : nil
    }

    // MARK: - Namespaces

    private func hasAddresses(_ nsid: NSID, _ failed: (NetlinkError) -> Void) -> Bool? {
        var found = false
        let dump = attempt(failed) { () throws(NetlinkError) in
            try links.dumpAddresses(in: nsid) { if !$0.isLinkLocal, !$0.isLoopback { found = true } }
        }
        return found ? true : dump == .complete ? false : nil
    }

    /// Whether packets go through it. With one link but the loopback they can't, whatever its settings are, which a new
    /// namespace has from the host.
    private func isForwarding(_ nsid: NSID, _ failed: (NetlinkError) -> Void) -> Bool? {
        var uses: [LinkUseMessage] = []
        let dump = attempt(failed) { () throws(NetlinkError) in
            try links.dumpLinkUses(in: nsid) { if !$0.isLoopback { uses.append($0) } }
        }
        guard dump == .complete else { return nil }
        let ports = uses.compactMap(\.masterIndex)
        return uses.count > 1 && (uses.contains(where: \.forwards) || Set(ports).count < ports.count)
    }

    /// By link of vexport's namespace.
    private func packetsReceived(_ failed: (NetlinkError) -> Void) -> [Int32: UInt64]? {
        var packets: [Int32: UInt64] = [:]
        let dump = attempt(failed) { () throws(NetlinkError) in
            try links.dumpStats(started: {}) { packets[$0.index] = $0.receivedPackets }
        }
        return dump == .complete ? packets : nil
    }

    private func attempt<Result>(
        _ failed: (NetlinkError) -> Void, _ body: () throws(NetlinkError) -> Result
    ) -> Result? {
        do throws(NetlinkError) { return try body() } catch {
            // Gone meanwhile, or not ours to ask about.
            if error.errno != EINVAL, error.errno != EPERM, error.errno != ENODEV { failed(error) }
            return nil
        }
    }
}

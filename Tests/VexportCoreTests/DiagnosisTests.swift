import TestSupport
import Testing

@testable import VexportCore

/// The diagnosis stepped by a clock: links in vexport's own namespace and in one with the number 5.
@Suite struct DiagnosisTests {
    var inventory = Inventory()
    var diagnosis = Diagnosis()
    let five = NamespaceID(number: 1)
    private let start = ContinuousClock.now

    init() {
        let own = NamespaceSighting(file: NamespaceFile(device: 4, inode: 1), nsid: 0)
        _ = inventory.apply(.allFollowed(own: own), at: Timestamp(nanoseconds: 0))
        let far = NamespaceFile(device: 4, inode: 5)
        _ = inventory.apply(.namespaceSighted(NamespaceSighting(file: far, nsid: 5)), at: Timestamp(nanoseconds: 0))
        for nsid in [nil, 5] as [NSID?] { _ = inventory.apply(.dumped(in: nsid, []), at: Timestamp(nanoseconds: 0)) }
    }

    func moment(_ seconds: Double) -> Moment {
        Moment(timestamp: Timestamp(seconds: 1000 + seconds)!, instant: start + .seconds(seconds))
    }

    mutating func apply(_ change: LinkChange, at seconds: Double) {
        _ = inventory.apply(change, at: moment(seconds).timestamp)
        diagnosis.step(inventory, changed: inventory.takeChangedSlots(), at: moment(seconds))
    }

    func veth(_ name: EscapedText, peer: Int32, in nsid: NSID? = nil, isUp: Bool, carrier: Bool, master: Int32? = nil)
        -> LinkState
    {
        var state = LinkState(name: name, kind: .veth)
        state.lowerLink = .init(index: peer, namespaceID: nsid)
        state.flags = isUp ? .up : []
        state.carrier = .init(isUp: carrier, changes: 1, ups: 0, downs: 1)
        state.address = HardwareAddress([2, 0, 0, 0, 0, 1])
        state.masterIndex = master
        if master != nil { state.bridgePort = .init() }
        return state
    }

    /// Answers what is asked for at a time: the links as the inventory has them, unless said otherwise.
    @discardableResult
    mutating func look(
        at seconds: Double, inhabited: Bool? = true, _ change: (inout LinkFactSheet) -> Void = { _ in },
        use: (inout NamespaceUse) -> Void = { _ in }
    ) -> FactRequest? {
        let now = moment(seconds)
        guard let request = diagnosis.takeRequest(inventory, at: now.instant) else { return nil }
        var answer = FactAnswer(startedAt: now.instant)
        for question in request.links {
            var sheet = LinkFactSheet()
            sheet.seen = inventory[question.place].map { LinkSighting($0.state) }
            sheet.peerSeen = question.peer.flatMap { inventory[$0.place] }.map { LinkSighting($0.state) }
            change(&sheet)
            answer.links[question.place] = sheet
        }
        for (id, question) in request.namespaces {
            var entry = NamespaceUse()
            entry.isInhabited = inhabited
            if question.isDetailed { use(&entry) }
            answer.namespaces[id] = entry
        }
        diagnosis.take(answer, inventory, at: now)
        return request
    }

    var kinds: [FindingKind] { diagnosis.findings(inventory).map(\.kind) }

    mutating func makePair(peerIsUp: Bool, master: Int32? = nil, at seconds: Double = 0) {
        apply(.asked(in: 5, index: 2, veth("eth0", peer: 10, in: 0, isUp: peerIsUp, carrier: peerIsUp)), at: seconds)
        apply(
            .asked(index: 10, veth("near", peer: 2, in: 5, isUp: true, carrier: peerIsUp, master: master)), at: seconds)
    }

    @Test("a peer that is down is a finding after its grace time and a second look, since the first one")
    mutating func peerDown() throws {
        makePair(peerIsUp: false)
        look(at: 1)
        #expect(kinds.isEmpty)
        #expect(look(at: 9.9)?.links.isEmpty != false)
        diagnosis.step(inventory, changed: [], at: moment(11))
        #expect(kinds.isEmpty, "time alone makes no finding")
        look(at: 11)
        let finding = try #require(diagnosis.findings(inventory).first)
        #expect(finding.kind == .vethPeerDown)
        #expect(finding.since == moment(0).timestamp)
        #expect(finding.evidence.contains(Evidence("it has no carrier", "IFLA_CARRIER")))
        apply(.asked(in: 5, index: 2, veth("eth0", peer: 10, in: 0, isUp: true, carrier: true)), at: 12)
        #expect(kinds.isEmpty)
    }

    @Test("a condition that goes and comes back begins its grace time anew")
    mutating func graceAnew() {
        makePair(peerIsUp: false)
        makePair(peerIsUp: true, at: 9)
        makePair(peerIsUp: false, at: 9.5)
        look(at: 11)
        #expect(kinds.isEmpty)
        look(at: 20)
        #expect(kinds == [.vethPeerDown])
    }

    @Test("when the kernel says something else than the inventory there is no finding")
    mutating func disagreement() {
        makePair(peerIsUp: false)
        look(at: 11) { $0.peerSeen?.isAdminUp = true }
        #expect(kinds.isEmpty)
        look(at: 45) { $0.seen = nil }
        #expect(kinds.isEmpty)
    }

    @Test("a namespace that nobody lives in, without a name, is abandoned, and its holder is named")
    mutating func abandoned() throws {
        makePair(peerIsUp: true, master: 20)
        look(at: 1, inhabited: false)
        look(at: 20, inhabited: false)
        #expect(kinds.isEmpty)
        let holder = NamespaceHolder.socket(ProcessName(pid: 7, command: "dnsmasq"))
        look(at: 40, inhabited: false) {
            $0.learnedAddresses = []
        } use: {
            $0.holders = [holder]
        }
        let finding = try #require(diagnosis.findings(inventory).first)
        #expect(finding.kind == .vethPeerAbandoned)
        #expect(finding.reason.contains("a socket of process 7 (dnsmasq)"))
        look(at: 75, inhabited: true) { $0.learnedAddresses = [] }
        #expect(kinds.isEmpty, "somebody moved in")
    }

    @Test("where it can't be told who lives in a namespace nothing is said of it", arguments: [true, nil])
    mutating func untold(inhabited: Bool?) {
        makePair(peerIsUp: true, master: 20)
        for time in stride(from: 1.0, to: 200, by: 31) {
            look(at: time, inhabited: inhabited) { $0.learnedAddresses = ["02:00:00:00:00:09"] }
        }
        #expect(kinds.isEmpty)
    }

    @Test("a named namespace is an info when it is idle, and nothing when it has an address, forwards or sends")
    mutating func named() {
        let file = NamespaceFile(device: 4, inode: 5)
        apply(.namespaceSighted(NamespaceSighting(file: file, nsid: 5, name: "blue")), at: 0)
        makePair(peerIsUp: true, master: 20)
        look(at: 1, inhabited: false)
        let rest: [(Bool, Bool, Bool, [FindingKind])] = [
            (true, false, false, []), (false, true, false, []), (false, false, true, []),
            (false, false, false, [.vethPeerAbandoned]),
        ]
        for (number, (address, forwards, sends, expected)) in rest.enumerated() {
            for time in [1.0, 32, 63] {
                diagnosis.step(inventory, changed: [], at: moment(400 * Double(number + 1) + time - 0.5))
                look(at: 400 * Double(number + 1) + time, inhabited: false) {
                    $0.learnedAddresses = []
                } use: {
                    ($0.hasAddresses, $0.isForwarding, $0.isSending) = (address, forwards, sends)
                    $0.holders = []
                }
            }
            #expect(kinds == expected, "case \(number)")
        }
        #expect(diagnosis.findings(inventory).allSatisfy { $0.severity == .info })
    }

    @Test("a veth without a master leads nowhere only if nothing at all uses it")
    mutating func unplumbed() {
        makePair(peerIsUp: true)
        look(at: 1)
        look(at: 31)
        #expect(kinds.isEmpty, "nothing is known of its uses")
        let uses: [(inout LinkFactSheet) -> Void] = [
            { $0.addresses = ["10.0.0.1"] }, { $0.routes = 1 }, { $0.packetSockets = 1 }, { $0.hasPrograms = true },
            { $0.routes = nil }, { $0.hasPrograms = nil }, { $0.packetSockets = nil },
        ]
        for (number, use) in uses.enumerated() {
            for time in [1.0, 32] {
                look(at: 400 * Double(number + 1) + time) {
                    ($0.addresses, $0.routes, $0.packetSockets, $0.hasPrograms) = ([], 0, 0, false)
                    use(&$0)
                }
                #expect(kinds.isEmpty, "use \(number)")
            }
            diagnosis.step(inventory, changed: [], at: moment(400 * Double(number + 1) + 399))
        }
        for time in [9000.0, 9040] {
            diagnosis.step(inventory, changed: [], at: moment(time - 1))
            look(at: time) { ($0.addresses, $0.routes, $0.packetSockets, $0.hasPrograms) = ([], 0, 0, false) }
        }
        #expect(kinds == [.vethUnplumbed])
        apply(.asked(index: 30, macvlan(on: 10)), at: 9050)
        apply(.asked(index: 10, veth("renamed", peer: 2, in: 5, isUp: true, carrier: true)), at: 9050)
        #expect(kinds.isEmpty, "a macvlan stands on it")
    }

    private func macvlan(on index: Int32) -> LinkState {
        var state = LinkState(name: "macvlan0", kind: .other("macvlan"))
        state.lowerLink = .init(index: index)
        return state
    }

    @Test("a bridge with entries behind a veth whose peer is down has a dead port")
    mutating func deadPort() {
        apply(.asked(index: 20, LinkState(name: "br0", kind: .bridge)), at: 0)
        makePair(peerIsUp: false, master: 20)
        for time in [11.0, 22, 44] { look(at: time) { $0.learnedAddresses = ["02:00:00:00:00:09"] } }
        #expect(kinds == [.vethPeerDown, .vethDeadPort])
        look(at: 80) { $0.learnedAddresses = [] }
        #expect(kinds == [.vethPeerDown])
    }

    @Test("a persistent tap without carrier is a finding only when it is certain that nobody holds it")
    mutating func tap() {
        var tap = LinkState(name: "vnet0", kind: .tap)
        tap.tun = .init()
        tap.tun?.persistent = true
        tap.flags = .up
        tap.carrier = .init(isUp: false, changes: 2, ups: 1, downs: 1)
        apply(.asked(index: 7, tap), at: 0)
        look(at: 11) { $0.readers = nil }
        #expect(kinds.isEmpty)
        look(at: 42) { $0.readers = [ProcessName(pid: 9, command: "qemu")] }
        #expect(kinds.isEmpty)
        apply(.asked(index: 7, with(tap) { $0.mtu = 1400 }), at: 43)
        diagnosis.step(inventory, changed: [], at: moment(400))
        for time in [401.0, 412] { look(at: time) { $0.readers = [] } }
        #expect(kinds == [.tapWithoutReader])
        tap.carrier = .init(isUp: true, changes: 3, ups: 2, downs: 1)
        apply(.asked(index: 7, tap), at: 420)
        #expect(kinds.isEmpty)
    }

    private func with(_ state: LinkState, _ change: (inout LinkState) -> Void) -> LinkState {
        var state = state
        change(&state)
        return state
    }

    @Test(
        "a workload's port that does not forward is blocked after twice the forward delay; one between bridges is not")
    mutating func blocked() {
        var bridge = LinkState(name: "br0", kind: .bridge)
        bridge.flags = .up
        bridge.bridge = .init()
        bridge.bridge?.forwardDelay = .seconds(15)
        apply(.asked(index: 20, bridge), at: 0)
        makePair(peerIsUp: true, master: 20)
        var port = LinkState.BridgePort()
        port.state = 4
        apply(.portAnnounced(index: 10, port), at: 0)
        look(at: 34)
        #expect(kinds.isEmpty)
        look(at: 36)
        #expect(kinds == [.bridgePortBlocked])
        apply(
            .asked(in: 5, index: 2, veth("eth0", peer: 10, in: 0, isUp: true, carrier: true, master: 3)), at: 40)
        #expect(kinds.isEmpty)
    }

    @Test("one MAC behind two ports of a bridge is a duplicate, behind two bridges it is not")
    mutating func duplicate() {
        let six = NamespaceSighting(file: NamespaceFile(device: 4, inode: 6), nsid: 6)
        apply(.namespaceSighted(six), at: 0)
        for index in [20, 21] as [Int32] {
            apply(.asked(index: index, LinkState(name: "br\(index)", kind: .bridge)), at: 0)
        }
        makePair(peerIsUp: true, master: 20)
        func other(master: Int32) -> LinkState {
            veth("other", peer: 2, in: 6, isUp: true, carrier: true, master: master)
        }
        apply(.asked(in: 6, index: 2, veth("eth0", peer: 11, in: 0, isUp: true, carrier: true)), at: 0)
        apply(.asked(index: 11, other(master: 20)), at: 0)
        look(at: 11)
        #expect(kinds == [.macDuplicate, .macDuplicate])
        apply(.asked(index: 11, other(master: 21)), at: 12)
        #expect(kinds.isEmpty)
    }

    @Test("nothing is looked at, and nothing said, when nothing changed and nothing is due")
    mutating func idle() {
        makePair(peerIsUp: true, master: 20)
        look(at: 1)
        _ = diagnosis.takeNews(inventory)
        diagnosis.step(inventory, changed: [], at: moment(2))
        #expect(look(at: 2) == nil)
        #expect(diagnosis.takeNews(inventory) == nil)
    }

    @Test("a link whose name a shell may misread is named in no command")
    func shell() {
        for name in ["$(reboot)", "a b", "-x", "a;b", "a\\xff", "", "a'b"] { #expect(!ShellText.isPlain(name)) }
        for name in ["qvb1234-ab", "eth0.100", "br_0", "tap@1", "wg:0"] { #expect(ShellText.isPlain(name)) }
    }
}

import Foundation
import TestSupport
import Testing

@testable import VexportCore

@Suite struct SnapshotTests {
    /// Every field has a value.
    static var full: Snapshot {
        var bridge = LinkState(name: "br0", kind: .bridge)
        bridge.alternativeNames = ["lan", "uplink"]
        bridge.alias = "the LAN"
        bridge.address = HardwareAddress([0x52, 0x54, 0, 0, 0, 3])
        bridge.broadcast = HardwareAddress([0xff, 0xff, 0xff, 0xff, 0xff, 0xff])
        bridge.permanentAddress = bridge.address
        bridge.hardwareType = 1
        bridge.flags = [.up, LinkFlags(rawValue: 0x1002)]
        bridge.operstate = OperationalState.up.rawValue
        bridge.linkMode = 0
        bridge.carrier = .init(isUp: true, changes: 3, ups: 2, downs: 1)
        bridge.protocolDown = false
        (bridge.mtu, bridge.minimumMTU, bridge.maximumMTU) = (1500, 68, 65_535)
        (bridge.group, bridge.promiscuity, bridge.allMulticast) = (0, 1, 2)
        (bridge.transmitQueueLength, bridge.transmitQueues, bridge.receiveQueues) = (1000, 1, 4)
        bridge.gsoMaximumSize = 65_536
        bridge.speed = .init(megabits: 10_000, duplex: .full)
        bridge.bridge = .init()
        bridge.bridge?.stp = 1
        bridge.bridge?.priority = 32_768
        bridge.bridge?.forwardDelay = .seconds(15)
        bridge.bridge?.helloTime = .milliseconds(2500)
        bridge.bridge?.maximumAge = .seconds(20)
        bridge.bridge?.ageingTime = .seconds(300)
        bridge.bridge?.vlanFiltering = false
        bridge.bridge?.multicastSnooping = true
        bridge.bridge?.bridgeID = "8000.525400000003"
        bridge.bridge?.rootID = "8000.525400000003"
        bridge.bridge?.rootPort = 0
        bridge.bridge?.rootPathCost = 0
        bridge.bridge?.topologyChange = false
        bridge.bridge?.topologyChangeDetected = true
        bridge.bridge?.learnedEntries = 12
        bridge.bridge?.maximumLearnedEntries = 0
        bridge.bridge?.countsMulticast = true
        bridge.bridge?.countsVLANs = false
        var tap = Snapshots.link("tap0", .tap, master: 3)
        tap.bridgePort = .init()
        tap.bridgePort?.state = 3
        tap.bridgePort?.number = 1
        tap.bridgePort?.priority = 32
        tap.bridgePort?.cost = 2
        tap.bridgePort?.designatedCost = 0
        tap.bridgePort?.hairpin = false
        tap.bridgePort?.guarded = false
        tap.bridgePort?.learning = true
        tap.bridgePort?.unicastFlood = true
        tap.bridgePort?.isolated = false
        tap.tun = .init()
        tap.tun?.owner = 107
        tap.tun?.group = 108
        tap.tun?.packetInformation = false
        tap.tun?.virtioNetHeader = true
        tap.tun?.persistent = true
        tap.tun?.multiQueue = true
        tap.tun?.queues = 2
        tap.tun?.disabledQueues = 1
        var snapshot = Snapshots.make([
            (3, bridge), (4, tap), (5, Snapshots.link("veth0", .veth, peer: .init(index: 2, namespaceID: 7))),
            (6, Snapshots.link("macvlan0", .other("macvlan"), peer: .init(index: 3))),
        ])
        snapshot.links[3].namespace = "blue"
        snapshot.links[3].parent?.namespace = ""
        snapshot.links[1].labels = ["tenant": "a"]
        snapshot.findings = [finding]
        snapshot.links[1].workload = WorkloadRecord(workload)
        snapshot.bridgesTime = Page.moment.timestamp
        var counters = BridgeReading()
        counters.multicast = BridgeReadingTests.bridge.multicast
        snapshot.links[0].take(counters)
        snapshot.links[1].take(BridgeReadingTests.port)
        return snapshot
    }

    private static let read: Set = ["counters", "addresses", "learnedEntries", "staticEntries"]

    private static var workload: Workload {
        var workload = Workload(.vm, name: Array("instance-0000002a".utf8), runtime: .libvirt)
        workload.id = "629b29b9-b0fb-4766-b27d-f4a686d5cbda"
        workload.instance = "web-1"
        workload.project = "shop"
        workload.flavor = "m1.small"
        return workload
    }

    private static var finding: FindingRecord {
        FindingRecord(
            Finding(
                kind: .vethPeerDown, link: LinkIdentity(index: 5, birth: 0), place: LinkPlace(.own, 5), device: "veth0",
                namespace: "blue", severity: .warning, reason: "its peer eth0 is down, so nothing gets through",
                evidence: [Evidence("it has no carrier", "IFLA_CARRIER")], command: "ip link set dev eth0 up",
                since: Timestamp(nanoseconds: 1_000_000_000), labels: [Label("tenant", "b")]))
    }

    static func json(_ links: String) -> [UInt8] {
        Array(
            (#"{"format":"vexport snapshot","version":1,"made_by":"9","host":"h","from_daemon":true,"#
                + #""timestamp_seconds":1,"links":[\#(links)]}"#).utf8)
    }

    @Test("the JSON of a snapshot that holds all there can be")
    func golden() throws {
        let object = try JSONSerialization.jsonObject(with: Data(try Self.full.json()))
        let pretty = try JSONSerialization.data(withJSONObject: object, options: [.prettyPrinted, .sortedKeys])
        let difference = try Golden.difference(String(decoding: pretty, as: UTF8.self) + "\n", to: "snapshot.json")
        #expect(difference == nil, "\(difference ?? "")")
    }

    @Test("docs/snapshot.md describes every key there is, and no other")
    func documentation() throws {
        func keys(_ value: Any) -> Set<String> {
            switch value {
            case let object as [String: Any]: object.reduce(into: Set(object.keys)) { $0.formUnion(keys($1.value)) }
            case let array as [Any]: array.reduce(into: []) { $0.formUnion(keys($1)) }
            default: []
            }
        }
        let described = try Repository.text("docs/snapshot.md").split(separator: "\n").compactMap { line in
            line.hasPrefix("| `") ? String(line.dropFirst(3).prefix { $0 != "`" }) : nil
        }
        let there = keys(try JSONSerialization.jsonObject(with: Data(try Self.full.json())))
        #expect(Set(described).subtracting(there) == [])
        // A label's own name.
        #expect(there.subtracting(described) == ["tenant"])
    }

    @Test("what is new about links goes into snapshots too")
    func complete() throws {
        func fields(_ value: Any) -> Set<String> { Set(Mirror(reflecting: value).children.compactMap(\.label)) }
        let (bridge, tap) = (Self.full.links[0], Self.full.links[1])
        // What is read now and then is in a place of its own in the pipeline.
        #expect(fields(LinkState.Bridge()).count == fields(try #require(bridge.bridge)).subtracting(["counters"]).count)
        #expect(
            fields(LinkState.BridgePort()).count == fields(try #require(tap.bridgePort)).subtracting(Self.read).count)
        #expect(fields(LinkState.Tun()).count == fields(try #require(tap.tun)).count)
        let renamed = ["masterIndex": "master", "protocolDown": "isProtocolDown", "lowerLink": "peer"]
        var known = Set(fields(LinkState(name: "a", kind: .veth)).map { renamed[$0] ?? $0 })
        known.remove("standsOnNone")  // tells why there is no parent, for one metric
        #expect(known.subtracting(fields(bridge)) == [])
    }

    @Test("what was written is read again, to the same bytes")
    func roundTrip() throws {
        for snapshot in [Self.full, Snapshots.make(Snapshots.night), Snapshots.make(Page.examples, hasRates: false)] {
            let read = try Snapshot(json: try snapshot.json())
            #expect(read == snapshot)
            try #expect(read.json() == snapshot.json())
        }
    }

    @Test("a daemon writes a tick's links one by one, to the same bytes")
    func oneByOne() throws {
        let frame = try Page.frame(Page.examples, Exposure(detail: .basic))
        let whole = Snapshot(frame: frame, previous: frame, host: "h", madeBy: "m", isFromDaemon: true)
        let bytes = try Snapshot.json(frame: frame, previous: frame, host: "h", madeBy: "m", isFromDaemon: true)
        #expect(whole.links.count == Page.examples.count)
        #expect(try whole.json() == bytes)
    }

    @Test("counters of any size stay exact, and what was not read stays absent")
    func counters() throws {
        var snapshot = Self.full
        snapshot.links[0].counters?[.receiveBytes] = .max
        snapshot.links[0].counters?[.transmitBytes] = 1 << 53 + 1
        snapshot.links[0].counters?[.receiveOtherHostDropped] = nil
        let read = try #require(try Snapshot(json: try snapshot.json()).links[0].counters)
        let (receive, transmit, other) = (
            read[.receiveBytes], read[.transmitBytes], read[.receiveOtherHostDropped]
        )
        #expect(receive == UInt64.max)
        #expect(transmit == UInt64(1 << 53 + 1))
        #expect(other == nil)
    }

    @Test("rates are there only with a tick before, and only for a link that was there then")
    func rates() throws {
        let snapshot = Snapshots.make([(7, Snapshots.link("a", .veth))])
        #expect(snapshot.rateInterval == 1)
        #expect(snapshot.links[0].rates?[.receiveBytes] == 4)
        #expect(snapshot.links[0].rates?[.multicast] == nil)
        let single = Snapshots.make([(7, Snapshots.link("a", .veth))], hasRates: false)
        #expect(single.rateInterval == nil && single.links[0].rates == nil)
        let text = String(decoding: try single.json(), as: UTF8.self)
        #expect(!text.contains("rate") && text.contains(#""from_daemon":false"#))
    }

    @Test("a later vexport's additions are passed over, a later version is refused")
    func versions() throws {
        let later = String(
            decoding: Self.json(
                #"{"name":"a","ifindex":1,"kind":"veth","admin_up":true,"flags":1,"#
                    + #""netns":"blue","counters":{"receive_bytes":1,"receive_dreams":2},"findings":[{}]}"#),
            as: UTF8.self)
        #expect(try Snapshot(json: Array(later.utf8)).links[0].counters?[.receiveBytes] == 1)
        let two = Array(later.replacingOccurrences(of: #""version":1"#, with: #""version":2"#).utf8)
        #expect(throws: SnapshotError.unknownVersion(2)) { try Snapshot(json: two) }
        #expect(throws: SnapshotError.unknownVersion(3)) {
            try Snapshot(json: Array(#"{"format":"vexport snapshot","version":3}"#.utf8))
        }
        #expect(throws: SnapshotError.notASnapshot) {
            try Snapshot(json: Array(#"{"format":"another","version":1}"#.utf8))
        }
    }

    @Test("text that is not escaped, as it should be, is escaped when it is read")
    func unescaped() throws {
        let snapshot = try Snapshot(
            json: Self.json(
                #"{"name":"a\u001b[2J\\xff","ifindex":1,"kind":"v\u009beth\u202e","admin_up":true,"flags":1}"#))
        #expect(snapshot.links[0].name.description == #"a\x1b[2J\xff"#)
        #expect(snapshot.links[0].kind.description == #"v\xc2\x9beth\xe2\x80\xae"#)
    }

    @Test("what is no JSON, or another's, is refused", arguments: ["", "{", "[]", "{}{}", #""x""#, "\u{0}", "<html>"])
    func noJSON(_ text: String) {
        #expect(throws: SnapshotError.self) { try Snapshot(json: Array(text.utf8)) }
    }

    @Test(
        "a fault in a link is named with its place",
        arguments: [
            (#"{}"#, "links[0].name: missing"), (#"{"name":1}"#, "links[0].name: "),
            (#"{"name":"a","kind":"x","flags":0,"admin_up":1}"#, "links[0]."),
            (#"{"name":"a","ifindex":3000000000,"kind":"x","admin_up":true,"flags":1}"#, ""),
            (#"{"name":"a","ifindex":1,"kind":"x","admin_up":true,"flags":-1}"#, ""),
            (
                #"{"name":"a","ifindex":1,"kind":"x","admin_up":true,"flags":1,"counters":{"receive_bytes":18446744073709551616}}"#,
                ""
            ),
            (#"{"name":"a","ifindex":1,"kind":"x","admin_up":true,"flags":1,"rates":{"receive_bytes":1e999}}"#, ""),
            (#"{"name":"\#u{1b}"}"#, ""),
        ])
    func faults(_ link: String, _ place: String) {
        #expect {
            try Snapshot(json: Self.json(link))
        } throws: { error in
            "\(error)".hasPrefix("not a snapshot of vexport: \(place)")
                && "\(error)".unicodeScalars.allSatisfy { $0.value >= 0x20 }
        }
    }

    @Test("JSON nested without end is refused")
    func nesting() {
        let deep = Self.json(String(repeating: #"{"bridge":"#, count: 100_000))
        #expect(throws: SnapshotError.self) { try Snapshot(json: deep) }
    }

    @Test("a time beyond what can be shown is refused, not a trap")
    func times() throws {
        for time in ["1e300", "-1e300", "9223372037"] {
            let json = String(decoding: Self.json(""), as: UTF8.self)
                .replacingOccurrences(of: #""timestamp_seconds":1"#, with: #""timestamp_seconds":\#(time)"#)
            #expect(throws: SnapshotError.self) { try Snapshot(json: Array(json.utf8)) }
        }
    }

    @Test("bytes changed at random are read or refused, and what is read can be shown")
    func mutations() throws {
        let seed: UInt64 = 20_261_126
        var random = SeededGenerator(seed: seed)
        let original = try Snapshots.make(Snapshots.night).json()
        let alphabet = Array(#"0123456789{}[]",:-.eE\truenlx"#.utf8) + [0, 0x1b, 0x9b, 0xff, 0xc2]
        var read = 0
        for _ in 0..<300 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = alphabet.randomElement(using: &random)!
                case 1: bytes.insert(alphabet.randomElement(using: &random)!, at: place)
                default: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...40, using: &random)))
                }
            }
            guard let snapshot = try? Snapshot(json: bytes) else { continue }
            read += 1
            SnapshotTable(snapshot, style: TableStyle(), now: snapshot.time).render { line in
                #expect(
                    line.unicodeScalars.dropLast().allSatisfy { $0.value >= 0x20 && !(0x7f..<0xa0).contains($0.value) },
                    "seed \(seed): \(line)")
            }
        }
        #expect(read > 10, "seed \(seed)")
    }
}

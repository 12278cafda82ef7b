// What a step of the diagnosis costs: all links changed, none did, one did. Built by `run` with VexportCore's sources in one
// module, so that it may see what is internal.

/// Containers on a bridge: half of the links are the near ends, half the far ends.
func makeInventory(pairs: Int32) -> Inventory {
    var inventory = Inventory()
    let time = Timestamp(nanoseconds: 0)
    let own = NamespaceSighting(file: NamespaceFile(device: 4, inode: 1), nsid: 0)
    _ = inventory.apply(.allFollowed(own: own), at: time)
    var bridge = LinkState(name: "br0", kind: .bridge)
    bridge.flags = .up
    _ = inventory.apply(.asked(index: 1, bridge), at: time)
    for number in 0..<pairs {
        let nsid = number + 1
        _ = inventory.apply(.namespaceNumbered(nsid), at: time)
        var far = LinkState(name: "eth0", kind: .veth)
        far.flags = .up
        far.carrier = .init(isUp: true, changes: 2, ups: 1, downs: 1)
        far.address = HardwareAddress([2, 0, 0, 0, UInt8(number >> 8), UInt8(number & 255)])
        far.lowerLink = .init(index: number + 10, namespaceID: 0)
        _ = inventory.apply(.asked(in: nsid, index: 2, far), at: time)
        var near = far
        near.name = EscapedText("veth\(number)".utf8)
        near.lowerLink = .init(index: 2, namespaceID: nsid)
        near.masterIndex = 1
        near.bridgePort = .init()
        near.bridgePort?.state = 3
        _ = inventory.apply(.asked(index: number + 10, near), at: time)
    }
    return inventory
}

var inventory = makeInventory(pairs: 5000)
let all = inventory.takeChangedSlots()
var diagnosis = Diagnosis()
let now = Moment(timestamp: Timestamp(nanoseconds: 0), instant: .now)
diagnosis.step(inventory, changed: all, at: now)

@MainActor func median(_ rounds: Int, _ changed: Set<Int>) -> Double {
    let times = (0..<rounds).map { _ in
        ContinuousClock().measure { diagnosis.step(inventory, changed: changed, at: now) }.seconds * 1e3
    }
    return times.sorted()[rounds / 2]
}

print("diagnosis: \(all.count) links, all changed: \(median(21, all)) ms")
print("diagnosis: one changed: \(median(1001, [all.first!])) ms")
print("diagnosis: none changed: \(median(1001, [])) ms")

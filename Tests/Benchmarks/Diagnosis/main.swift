import Glibc

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

/// The far ends are taken down: each near end may have to be found.
func loseCarriers(_ inventory: inout Inventory) {
    let time = Timestamp(nanoseconds: 0)
    for link in inventory.namespaces.all.flatMap({ inventory.links(in: $0.id) }) {
        guard link.state.kind == .veth, let address = inventory.address(of: link.place) else { continue }
        var state = link.state
        state.carrier = .init(isUp: false, changes: 3, ups: 1, downs: 2)
        if link.place.namespace != .own { state.flags = [] }
        _ = inventory.apply(.asked(in: address.namespace, index: address.index, state), at: time)
    }
}

/// What the far ends' namespaces are asked for: all are inhabited.
func answer(_ request: FactRequest?) -> FactAnswer {
    var answer = FactAnswer(startedAt: .now)
    for id in request?.namespaces.keys ?? [:].keys {
        var use = NamespaceUse()
        use.isInhabited = true
        answer.namespaces[id] = use
    }
    return answer
}

var inventory = makeInventory(pairs: 5000)
let all = inventory.takeChangedSlots()
var diagnosis = Diagnosis()
let now = Moment(timestamp: Timestamp(nanoseconds: 0), instant: .now)
diagnosis.step(inventory, changed: all, at: now)
let uses = answer(diagnosis.takeRequest(inventory, at: now.instant))
diagnosis.take(uses, inventory, at: now)
var exitStatus: Int32 = 0

/// Measures and prints a median in milliseconds; over its bound the benchmark fails.
@MainActor func measure(_ what: String, rounds: Int, atMost bound: Double, _ body: () -> Void) {
    let times = (0..<rounds).map { _ in ContinuousClock().measure(body).seconds * 1e3 }.sorted()
    let median = times[rounds / 2]
    print("diagnosis of \(all.count) links, \(what): \(median) ms, \(bound) allowed")
    if median > bound { exitStatus = 1 }
}

measure("all changed", rounds: 41, atMost: 10) { diagnosis.step(inventory, changed: all, at: now) }
measure("one changed", rounds: 1001, atMost: 0.05) { diagnosis.step(inventory, changed: [all.first!], at: now) }
measure("none changed", rounds: 1001, atMost: 0.005) { diagnosis.step(inventory, changed: [], at: now) }
measure("who lives where", rounds: 41, atMost: 10) { diagnosis.take(uses, inventory, at: now) }
loseCarriers(&inventory)
measure("all lost their carrier", rounds: 41, atMost: 10) { diagnosis.step(inventory, changed: all, at: now) }
exit(exitStatus)

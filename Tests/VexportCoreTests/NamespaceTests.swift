import TestSupport
import Testing

@testable import VexportCore

/// What is known of namespaces themselves.
@Suite struct NamespaceTests {
    var inventory = Inventory()
    let now = Timestamp(nanoseconds: 1_000_000_000)
    let own = NamespaceFile(device: 4, inode: 1, cookie: 1)

    init() {
        _ = inventory.apply(.allFollowed(own: NamespaceSighting(file: own, nsid: 0)), at: now)
        _ = inventory.takeFollowUp()
    }

    @discardableResult
    mutating func apply(_ change: LinkChange) -> [LinkEvent] { inventory.apply(change, at: now) }

    mutating func sight(_ inode: UInt64, cookie: UInt64? = nil, nsid: NSID? = nil, name: EscapedText? = nil) {
        let file = NamespaceFile(device: 4, inode: inode, cookie: cookie)
        apply(.namespaceSighted(NamespaceSighting(file: file, nsid: nsid, name: name)))
    }

    func namespace(_ nsid: NSID) -> NetworkNamespace? { inventory.namespaces.all.first { $0.nsid == nsid } }

    var labels: [String] { inventory.namespaces.all.compactMap(\.label?.description).sorted() }

    @Test("a number alone is to be dumped and identified, and has no label yet")
    mutating func number() {
        apply(.namespaceNumbered(5))
        apply(.namespaceNumbered(5))
        let followUp = inventory.takeFollowUp()
        #expect(followUp.appearedNamespaces == [5])
        #expect(followUp.unidentifiedNamespaces == [5])
        #expect(namespace(5)?.label == nil)
    }

    @Test("links are looked at again when the file of their namespace is found late: by it owners are")
    mutating func lateFile() {
        apply(.namespaceNumbered(3))
        apply(.namespaceNotFound(3))
        apply(.asked(in: 3, index: 7, LinkState(name: "tap0", kind: .tap)))
        _ = inventory.takeChangedSlots()
        sight(9, nsid: 3)
        #expect(labels == ["nsid:[3]"] && inventory.takeChangedSlots() == [0])
        sight(9, nsid: 3)
        #expect(inventory.takeChangedSlots().isEmpty, "nothing new")
    }

    @Test("the label is the name at first sight, else the inode, else the number, and stays")
    mutating func label() {
        sight(10, nsid: 1, name: "blue")
        sight(11, nsid: 2)
        apply(.namespaceNumbered(3))
        apply(.namespaceNotFound(3))
        #expect(labels == ["blue", "net:[11]", "nsid:[3]"])
        sight(10, nsid: 1, name: "azure")
        sight(11, nsid: 2, name: "late")
        sight(12, nsid: 3, name: "later")
        apply(.namespaceNameGone("blue"))
        #expect(labels == ["blue", "net:[11]", "nsid:[3]"])
        #expect(namespace(1)?.names == ["azure"])
    }

    @Test("a name used again while its former namespace lives on is no second label")
    mutating func nameUsedAgain() {
        sight(10, nsid: 1, name: "blue")
        apply(.namespaceNameGone("blue"))
        sight(11, nsid: 2, name: "blue")
        #expect(labels == ["blue", "net:[11]"])
        sight(12, nsid: 3, name: "net:[13]")
        sight(13, nsid: 4)
        #expect(Set(labels).count == 4)
        apply(.namespaceGone(1))
        sight(14, nsid: 5, name: "blue")
        #expect(namespace(5)?.label == "blue")
    }

    @Test("vexport's own namespace has no label, whatever names it has")
    mutating func ownName() {
        sight(1, cookie: 1, nsid: 0, name: "home")
        #expect(inventory.namespaces[.own]?.label == nil)
        #expect(inventory.namespaces[.own]?.names == ["home"])
        #expect(inventory.namespaces.all.count == 1)
    }

    @Test("a namespace seen as a file, then told of by its number, is one")
    mutating func fileBeforeNumber() {
        sight(10, cookie: 7)
        apply(.namespaceNumbered(5))
        sight(10, cookie: 7, nsid: 5, name: "blue")
        #expect(inventory.namespaces.all.count == 2)
        #expect(namespace(5)?.file?.cookie == 7)
    }

    @Test("a cookie tells a namespace that has the number and inode of one before it")
    mutating func reuse() {
        sight(10, cookie: 7, nsid: 5)
        apply(.announced(in: 5, index: 2, LinkState(name: "a", kind: .tap)))
        let first = namespace(5)?.id
        let file = NamespaceFile(device: 4, inode: 10, cookie: 8)
        let events = apply(.namespaceSighted(NamespaceSighting(file: file, nsid: 5)))
        #expect(events.map(\.kind) == [.deleted])
        #expect(namespace(5)?.id != first)
        #expect(inventory.takeFollowUp().appearedNamespaces == [5])
    }

    @Test("another number for the same inode is another namespace, also without cookies")
    mutating func inodeReuse() {
        sight(10, nsid: 5)
        let first = namespace(5)?.id
        sight(10, nsid: 6)
        #expect(namespace(5) == nil)
        #expect(namespace(6)?.id != first)
    }

    @Test("a namespace's end takes its links, which nobody announces")
    mutating func end() {
        apply(.namespaceNumbered(5))
        apply(.announced(in: 5, index: 2, LinkState(name: "a", kind: .tap)))
        apply(.announced(index: 2, LinkState(name: "a", kind: .tap)))
        _ = inventory.takeFollowUp()
        let events = apply(.namespaceGone(5))
        #expect(events.map(\.kind) == [.deleted])
        #expect(events.map(\.isInferred) == [true])
        #expect(inventory.links.count == 1)
        let followUp = inventory.takeFollowUp()
        #expect(followUp.goneNamespaces == [5])
        #expect(followUp.doubtful.isEmpty)
        apply(.namespaceGone(0))
        #expect(inventory.links.count == 1)
    }

    @Test("a list of all numbers ends those missing from it and brings those that are new")
    mutating func list() {
        sight(10, nsid: 5)
        sight(11, nsid: 6)
        _ = inventory.takeFollowUp()
        apply(.namespacesListed([0, 6, 7]))
        #expect(namespace(5) == nil)
        let followUp = inventory.takeFollowUp()
        #expect(followUp.goneNamespaces == [5])
        #expect(followUp.appearedNamespaces == [7])
    }

    @Test("without a number a namespace lasts as long as its files")
    mutating func files() {
        sight(10)
        sight(11, nsid: 5)
        apply(.namespacesSwept([NamespaceFile(device: 4, inode: 10)]))
        #expect(inventory.namespaces.all.count == 3)
        apply(.namespacesSwept([]))
        #expect(inventory.namespaces.all.count == 2)
        #expect(namespace(5) != nil)
    }

    @Test("a namespace that is named by a message or an answer is known from then on, and one that is gone is not")
    mutating func mention() {
        var veth = LinkState(name: "v", kind: .veth)
        veth.lowerLink = .init(index: 3, namespaceID: 8)
        apply(.dump((2, veth)))
        #expect(namespace(8) != nil)
        apply(.dump(in: 9, (2, LinkState(name: "late", kind: .tap))))
        #expect(namespace(9) == nil)
        apply(.asked(in: 9, index: 2, LinkState(name: "late", kind: .tap)))
        apply(.notFound(in: 9, index: 2))
        #expect(namespace(9) == nil)
    }

    @Test("the links of a namespace that vexport may not look into are not known")
    mutating func unreadable() {
        sight(10, nsid: 5)
        apply(.announced(in: 5, index: 2, LinkState(name: "a", kind: .tap)))
        #expect(apply(.namespaceUnreadable(5)).map(\.kind) == [.movedAway])
        apply(.announced(index: 3, LinkState(name: "b", kind: .tap)))
        #expect(apply(.movedAway(index: 3, to: LinkAddress(5, 3))).map(\.kind) == [.movedAway])
    }
}

import Glibc
import TestSupport
import Testing
import VexportCore

@testable import LinkCollector
@testable import Netlink

/// Other namespaces, as the kernel tells of them.
@Suite struct NamespaceEventTests {
    static func numbered(_ number: Int32) -> Delivery {
        .datagram(Wire.message(Wire.newNumber, sequence: 0, Wire.namespaceNumber(number)))
    }

    static func gone(_ number: Int32) -> Delivery {
        .datagram(Wire.message(Wire.deleteNumber, sequence: 0, Wire.namespaceNumber(number)))
    }

    /// A collector on a kernel with one other namespace, whose number is 5.
    func faked(_ prepare: (FakeKernel) -> Void = { _ in }) throws -> Faked {
        try Faked(followsAll: true) { kernel in
            kernel.namespaces = [5: [1: Wire.link(1, "lo"), 2: Wire.link(2, "inside")]]
            prepare(kernel)
        }
    }

    @Test("namespaces that have a number are dumped before anything is sampled")
    func start() throws {
        let faked = try faked()
        #expect(faked.names(in: 5) == ["inside", "lo"])
        #expect(faked.names == ["a", "b"])
        #expect(faked.statistics.linkDumps == 2)
    }

    @Test("a namespace that gets a number is dumped, since what happened before was not told")
    func appearance() throws {
        let faked = try faked()
        faked.kernel.namespaces[6] = [1: Wire.link(1, "early")]
        faked.kernel.tell(Self.numbered(6))
        try wait("its links") { faked.names(in: 6) == ["early"] }
        faked.kernel.tell(LossTests.announced(7, "late").from(namespace: 6))
        try wait("the next link") { faked.names(in: 6) == ["early", "late"] }
        #expect(faked.names == ["a", "b"])
    }

    @Test("a namespace's end takes its links, and the next one with its number starts anew")
    func end() throws {
        let faked = try faked()
        let first = faked.inventory.namespaces.all.first { $0.nsid == 5 }?.id
        faked.kernel.namespaces = [5: [2: Wire.link(2, "other")]]
        faked.kernel.tell(Self.gone(5), Self.numbered(5))
        try wait("the other's links") { faked.names(in: 5) == ["other"] }
        #expect(faked.inventory.namespaces.all.first { $0.nsid == 5 }?.id != first)
        faked.kernel.namespaces = [:]
        faked.kernel.tell(Self.gone(5))
        try wait("its end") { faked.names(in: 5) == nil }
    }

    @Test("numbers in the tables of other namespaces are not vexport's")
    func foreignNumbers() throws {
        let faked = try faked()
        faked.kernel.tell(
            Self.gone(5).from(namespace: 5), Self.numbered(9).from(namespace: 5),
            LossTests.announced(3, "last").from(namespace: 5))
        try wait("the last event") { faked.names(in: 5) == ["inside", "last", "lo"] }
        #expect(faked.names(in: 9) == nil)
    }

    @Test("a peer in the sender's numbers is asked for again, and joined in vexport's")
    func foreignPeer() throws {
        let faked = try faked { kernel in
            kernel.links[7] = Wire.link(7, "near", kind: "veth", more: Wire.lower(3, in: 5))
            kernel.namespaces[6] = [:]
        }
        // In namespace 5's own table vexport's is 6, which is another here.
        let told = Wire.link(3, "far", kind: "veth", more: Wire.lower(7, in: 6))
        faked.kernel.namespaces[5]![3] = Wire.link(3, "far", kind: "veth", more: Wire.lower(7, in: 0))
        faked.kernel.tell(.datagram(Wire.message(Wire.newLink, sequence: 0, told)).from(namespace: 5))
        func far() -> Link? {
            let inventory = faked.inventory
            let id = inventory.namespaces.all.first { $0.nsid == 5 }!.id
            return inventory[LinkPlace(id, 3)]
        }
        try wait("the peer") { far()?.peer == LinkPlace(.own, 7) }
        #expect(faked.kernel.asked.contains(.linkOf(5, 3)))
        #expect(faked.inventory.links[7]?.peer == far()?.place)
    }

    @Test("a namespace that dies while it is dumped is no failure, and comes back as another")
    func deathInDump() throws {
        let faked = try faked()
        faked.kernel.answer(.linksOf(6)) { [unowned kernel = faked.kernel] sequence in
            kernel.tell(Self.gone(6))
            return [
                .datagram(Wire.part(Wire.link(1, "half"), sequence: sequence)),
                .datagram(Wire.done(EINVAL, sequence: sequence)),
            ]
        }
        faked.kernel.tell(Self.numbered(6))
        try wait("the attempt") { faked.kernel.asked.contains(.linksOf(6)) }
        try wait("its end") { !faked.kernel.hasUnreadEvents && faked.names(in: 6) == nil }
        #expect(faked.statistics.failedDumps == 0)
        faked.kernel.namespaces[6] = [1: Wire.link(1, "whole")]
        faked.kernel.tell(Self.numbered(6))
        try wait("the next with this number", seconds: 60) { faked.names(in: 6) == ["whole"] }
    }

    @Test("a dump that ends short takes no link away, in whichever namespace; the kernel's no does")
    func short() throws {
        let faked = try faked()
        faked.kernel.answer(.linksOf(5)) { [.datagram(Wire.done(sequence: $0))] }
        faked.kernel.namespaces[5]![2] = nil
        faked.kernel.tell(.failure(ENOBUFS))
        try wait("the questions") { faked.kernel.asked.contains(.linkOf(5, 2)) }
        try wait("the answer") { faked.names(in: 5) == ["lo"] }
        #expect(faked.kernel.asked.contains(.linkOf(5, 1)))
    }

    @Test("a loss is made up for in every namespace, of which some came and went without a word")
    func loss() throws {
        let faked = try faked { $0.namespaces[6] = [1: Wire.link(1, "gone")] }
        faked.kernel.namespaces = [5: [1: Wire.link(1, "lo"), 3: Wire.link(3, "new")], 7: [1: Wire.link(1, "there")]]
        faked.kernel.tell(.failure(ENOBUFS))
        try wait("the truth") {
            faked.names(in: 5) == ["lo", "new"] && faked.names(in: 6) == nil && faked.names(in: 7) == ["there"]
        }
        try wait("the end of the round") { faked.statistics.resyncs == 1 }
        try faked.expectTruth()
    }

    @Test("a namespace that vexport may not look into is not asked about again")
    func unreadable() throws {
        let faked = try faked { kernel in
            kernel.namespaces[6] = [:]
            kernel.answer(.linksOf(6)) { [.datagram(Wire.done(EACCES, sequence: $0))] }
        }
        #expect(faked.inventory.namespaces.all.first { $0.nsid == 6 }?.isReadable == false)
        faked.kernel.tell(.failure(ENOBUFS))
        try wait("a round") { faked.statistics.resyncs == 1 }
        #expect(faked.statistics.failedDumps == 0)
        #expect(faked.kernel.asked.count { $0 == .linksOf(6) } == 1)
    }
}

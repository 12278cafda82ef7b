import Glibc
import Synchronization
import TestSupport
import Testing
import VexportCore

@testable import LinkCollector
@testable import Netlink

/// A number that several threads count up.
private final class Counter: Sendable {
    let value = Atomic<Int>(0)
}

@Suite struct LossTests {
    static func announced(_ index: Int32, _ name: String, more: [UInt8] = []) -> Delivery {
        .datagram(Wire.message(Wire.newLink, sequence: 0, Wire.link(index, name, more: more)))
    }

    static func deleted(_ index: Int32, _ name: String) -> Delivery {
        .datagram(Wire.message(Wire.deleteLink, sequence: 0, Wire.link(index, name)))
    }

    /// b goes, c comes, a is renamed, and no event tells.
    static func changeSilently(_ kernel: FakeKernel) {
        kernel.links = [1: Wire.link(1, "a2"), 3: Wire.link(3, "c")]
    }

    @Test("events lost before the first dump")
    func overrunBeforeDump() throws {
        let faked = try Faked { kernel in
            kernel.tell(Self.announced(1, "old"), .failure(ENOBUFS), Self.announced(7, "ghost"))
        }
        try faked.expectTruth { faked.statistics.overruns == 1 }
    }

    @Test("events lost while the first dump is made")
    func overrunInDump() throws {
        let faked = try Faked { kernel in
            kernel.answer(.links) { [unowned kernel] sequence in
                let early = kernel.truth(.links, sequence: sequence)
                Self.changeSilently(kernel)
                kernel.tell(.failure(ENOBUFS))
                return early
            }
        }
        try faked.expectTruth { faked.statistics.overruns == 1 }
        #expect(faked.names == ["a2", "c"])
    }

    @Test("events lost between dumps, with older ones still unread")
    func overrunAtEvents() throws {
        let faked = try Faked()
        let unread = Atomic<Bool>(false)
        Self.changeSilently(faked.kernel)
        faked.kernel.answer(.links) { [unowned kernel = faked.kernel] sequence in
            unread.store(kernel.hasUnreadEvents, ordering: .relaxed)
            return kernel.truth(.links, sequence: sequence)
        }
        // Two hundred links were announced; the messages of their end are what was lost.
        faked.kernel.tell([.failure(ENOBUFS)] + (100..<300).map { Self.announced($0, "ghost\($0)") })
        try faked.expectTruth { faked.statistics.linkDumps == 2 }
        let tooEarly = unread.load(ordering: .relaxed)
        #expect(!tooEarly, "the dump was made before the events that it is to correct were read")
        #expect(faked.statistics.overruns == 1)
    }

    @Test("events lost again while the dump is made that is to make up for it")
    func overrunInResync() throws {
        let faked = try Faked()
        faked.kernel.answer(.links) { [unowned kernel = faked.kernel] sequence in
            let early = kernel.truth(.links, sequence: sequence)
            Self.changeSilently(kernel)
            kernel.tell(.failure(ENOBUFS))
            return early
        }
        faked.kernel.links[2] = nil
        faked.kernel.tell(.failure(ENOBUFS))
        try faked.expectTruth { faked.statistics.linkDumps == 3 }
        #expect(faked.statistics.overruns == 2)
        #expect(faked.statistics.resyncs == 2)
        #expect(faked.names == ["a2", "c"])
    }

    @Test("many losses in a moment are counted one by one, and are a few lines in the log")
    func manyOverruns() throws {
        let lines = Counter()
        let faked = try Faked(warned: { lines.value.add(1, ordering: .relaxed) })
        faked.kernel.tell((0..<60).flatMap { [.failure(ENOBUFS), Self.announced($0 % 2 + 1, "a\($0)")] })
        try faked.expectTruth { faked.statistics.overruns == 60 && faked.statistics.resyncs > 0 }
        #expect((1...5).contains(lines.value.load(ordering: .relaxed)))
    }

    @Test("events that overtake a dump and are then lost count as much as those before")
    func eventsInDump() throws {
        let faked = try Faked { kernel in
            kernel.answer(.links) { [unowned kernel] sequence in
                let early = kernel.truth(.links, sequence: sequence)
                kernel.links = [1: Wire.link(1, "a"), 3: Wire.link(3, "c")]
                kernel.tell(Self.deleted(2, "b"), Self.announced(3, "c"))
                return early
            }
        }
        try faked.expectTruth()
        #expect(faked.statistics.linkDumps == 1)
        #expect(faked.statistics.resyncs == 0)
    }

    @Test(
        "a dump that fails is made again, whatever failed it",
        arguments: [
            [.failure(ENOBUFS)],
            [.datagram([UInt8](repeating: 0, count: 100_000))],
            [.datagram([1, 2, 3])],
            [],
        ] as [[Delivery]])
    func failedDump(_ answer: [Delivery]) throws {
        let faked = try Faked { kernel in
            kernel.answer(.links) { sequence in
                answer + [.datagram(Wire.error(EBUSY, sequence: sequence))]
            }
        }
        try faked.expectTruth { faked.statistics.failedDumps == 1 }
        #expect(faked.statistics.linkDumps == 2)
    }

    @Test("a torn dump is repeated twice; the third is taken, and what it missed is asked for")
    func torn() throws {
        let torn: FakeKernel.Answer = { sequence in
            [
                .datagram(
                    Wire.part(Wire.link(1, "a"), flags: Wire.dumpInterrupted, sequence: sequence),
                    Wire.done(flags: Wire.dumpInterrupted, sequence: sequence))
            ]
        }
        let faked = try Faked()
        let before = faked.inventory.links
        for _ in 0..<3 { faked.kernel.answer(.links, torn) }
        faked.kernel.tell(.failure(ENOBUFS))
        try wait("the question for the link that the dump missed") { faked.kernel.asked.contains(.link(2)) }
        try faked.expectTruth { faked.statistics.questions == 1 }
        #expect(faked.statistics.tornDumps == 3)
        #expect(faked.statistics.resyncs == 0)
        #expect(faked.kernel.asked.filter { $0 == .links }.count == 4)
        #expect(faked.inventory.links == before)
        try wait("a whole dump") { faked.statistics.resyncs == 1 }
        #expect(faked.statistics.linkDumps == 3)
    }

    @Test("a dump that ends short without a sign takes no link away")
    func short() throws {
        let faked = try Faked()
        let before = faked.inventory.links
        faked.kernel.answer(.links) { [.datagram(Wire.done(sequence: $0))] }
        faked.kernel.tell(.failure(ENOBUFS))
        try faked.expectTruth { faked.statistics.questions == 2 }
        #expect(faked.inventory.links == before)
    }

    @Test("a question that fails leads to a dump")
    func failedQuestion() throws {
        let faked = try Faked()
        faked.kernel.answer(.links) { [.datagram(Wire.done(sequence: $0))] }
        faked.kernel.answer(.link(1)) { _ in [.failure(ENOBUFS)] }
        faked.kernel.links[2] = nil
        faked.kernel.tell(.failure(ENOBUFS))
        try faked.expectTruth { faked.statistics.linkDumps == 3 }
    }

    @Test(
        "an event that can't be read leads to a dump",
        arguments: [
            .datagram([UInt8](repeating: 0, count: 100_000)),
            .datagram([1, 2, 3]),
            .datagram(),
            .datagram(Wire.message(16, sequence: 0, length: 0, Wire.link(1, "a"))),
            .datagram(Wire.message(16, sequence: 0, length: .max, Wire.link(1, "a"))),
            .datagram(Wire.message(17, sequence: 0, Wire.linkHeader(index: 0))),
            announced(1, "a", more: Wire.attribute(4, length: 3, [])),
            announced(1, "a", more: Wire.attribute(33, [])),
        ] as [Delivery])
    func malformedEvent(_ event: Delivery) throws {
        let faked = try Faked()
        Self.changeSilently(faked.kernel)
        faked.kernel.tell(event)
        try faked.expectTruth { faked.statistics.resyncs == 1 }
        #expect(faked.statistics.malformedEvents == 1)
        #expect(faked.statistics.lastResync != nil)
    }

    @Test("what other processes send is not believed")
    func foreignEvents() throws {
        let faked = try Faked()
        faked.kernel.links[3] = Wire.link(3, "c")
        faked.kernel.tell(
            .datagram(Wire.message(17, sequence: 0, Wire.link(1, "a")), from: 4711),
            .datagram(Wire.message(16, sequence: 0, Wire.link(9, "ghost")), from: .max),
            .datagram([1, 2, 3], from: 1),
            Self.announced(3, "c"))
        try faked.expectTruth()
        #expect(faked.statistics.linkEvents == 1)
        #expect(faked.statistics.resyncs == 0)
    }

    @Test("counters that can't be read leave the last frame, and the next reading is good again")
    func failedTick() throws {
        let faked = try Faked()
        let before = faked.statistics.failedDumps
        for _ in 0..<2 { faked.kernel.answer(.stats) { _ in [.failure(ENOBUFS)] } }
        try wait("failed readings") { faked.statistics.failedDumps == before + 2 }
        #expect(faked.collector.latest != nil)
        try wait("a good one") { faked.statistics.lastTickFailed == false }
        try faked.expectTruth()
    }
}

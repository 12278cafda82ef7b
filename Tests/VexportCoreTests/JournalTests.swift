import TestSupport
import Testing

@testable import VexportCore

@Suite struct JournalTests {
    let journal = EventJournal(capacity: 4)

    func entry(_ name: EscapedText, in namespace: EscapedText? = nil) -> JournalEntry {
        let identity = LinkIdentity(index: 1, birth: 0)
        let link = Link(
            identity: identity, slot: 0, place: LinkPlace(.own, 1), state: LinkState(name: name, kind: .tap))
        let event = LinkEvent(link, .created, inferred: false, at: Timestamp(nanoseconds: 0))
        return JournalEntry(event: event, namespace: namespace)
    }

    func names(_ page: EventJournal.Page) -> [String] { page.entries.map(\.event.name.description) }

    @Test("events are numbered from 1, and read in their order after any of them")
    func order() {
        #expect(journal.read(after: 0) == .init(entries: [], last: 0, hasMissed: false))
        journal.append([entry("a"), entry("b")])
        journal.append([entry("c")])
        #expect(names(journal.read(after: 0)) == ["a", "b", "c"])
        #expect(journal.read(after: 0).entries.map(\.sequence) == [1, 2, 3])
        #expect(names(journal.read(after: 2)) == ["c"])
        #expect(journal.read(after: 3) == .init(entries: [], last: 3, hasMissed: false))
    }

    @Test("the oldest go first, and who asked for what is gone is told")
    func bound() {
        journal.append((1...10).map { entry("e\($0)") })
        #expect(names(journal.read(after: 0)) == ["e7", "e8", "e9", "e10"])
        #expect(!journal.read(after: 0).hasMissed)
        #expect(!journal.read(after: 6).hasMissed)
        #expect(journal.read(after: 5).hasMissed)
    }

    @Test("a page has as many as asked for, and the next goes on where it ended")
    func limit() {
        journal.append(["a", "b", "a", "b"].map { entry($0) })
        let first = journal.read(after: 0, limit: 1) { $0.event.name == "b" }
        #expect(first.entries.map(\.sequence) == [2])
        let second = journal.read(after: first.last, limit: 1) { $0.event.name == "b" }
        #expect(second.entries.map(\.sequence) == [4])
        #expect(journal.read(after: second.last).entries.isEmpty)
    }

    @Test("a number from before a restart begins anew")
    func restart() {
        journal.append([entry("a")])
        let page = journal.read(after: 700)
        #expect(names(page) == ["a"])
        #expect(page.hasMissed)
        #expect(page.last == 1)
    }

    @Test("who waits is woken by the next event, or when the time is up, or when it is cancelled")
    func waiting() async {
        let waiter = Task { await journal.waitForMore(after: 0, atMost: .seconds(60)) }
        journal.append([entry("a")])
        await waiter.value
        await journal.waitForMore(after: 0, atMost: .seconds(60))
        await journal.waitForMore(after: 1, atMost: .milliseconds(1))
        let cancelled = Task { await journal.waitForMore(after: 1, atMost: .seconds(60)) }
        cancelled.cancel()
        await cancelled.value
    }

    @Test("devices and namespaces are chosen by patterns, the own namespace by an empty one")
    func filter() {
        let (own, other) = (entry("veth7"), entry("tap0", in: "blue"))
        #expect(EventFilter(device: "veth*").matches(own) && !EventFilter(device: "veth*").matches(other))
        #expect(EventFilter(namespace: "b*").matches(other) && !EventFilter(namespace: "b*").matches(own))
        #expect(EventFilter(namespace: "").matches(own) && !EventFilter(namespace: "").matches(other))
        #expect(EventFilter().matches(own) && EventFilter().matches(other))
    }

    @Test("what happened is told in words that name the others, and who asked for it")
    func words() {
        let pipeline = Pipeline()
        func state(_ name: EscapedText, _ kind: LinkKind, _ change: (inout LinkState) -> Void = { _ in }) -> LinkState {
            var state = LinkState(name: name, kind: kind)
            change(&state)
            return state
        }
        let own = NamespaceSighting(file: NamespaceFile(device: 4, inode: 1), nsid: 0)
        let blue = NamespaceSighting(file: NamespaceFile(device: 4, inode: 5), nsid: 5, name: "blue")
        let changes: [LinkChange] = [
            .allFollowed(own: own), .namespaceSighted(blue), .dumped([]), .dumped(in: 5, []),
            .announced(index: 3, state("br0", .bridge)),
            .announced(index: 2, state("v", .veth) { $0.mtu = 1500 }),
            .announced(index: 2, state("w", .veth) { ($0.mtu, $0.masterIndex, $0.flags) = (1400, 3, .up) }),
            .movedAway(index: 2, to: LinkAddress(5, 2)),
            .announced(
                in: 5, index: 2, state("w", .veth) { $0.carrier = .init(isUp: true, changes: 3, ups: 2, downs: 1) }),
            .requested(.deleted(in: 5, index: 2), by: 4711),
        ]
        pipeline.performAndWait { _ = $0.apply(changes, at: Timestamp(nanoseconds: 0)) }
        let entries = pipeline.journal.read(after: 0).entries
        #expect(
            entries.map(\.text) == [
                "br0: created", "v: created", "w: renamed from v", "w: set up", "w: now a port of br0", "w: MTU 1400",
                "w (netns blue): moved here from vexport's own namespace", "w (netns blue): set down",
                "w (netns blue): carrier up, went up 2 and down 1 times", "w (netns blue): MTU unknown",
                "w (netns blue): deleted",
            ])
        #expect(entries.map(\.event.requester) == [UInt32?](repeating: nil, count: 10) + [4711])
        #expect(EventPage(pipeline.journal.read(after: 10)).events.first?.requester == 4711)
    }

    @Test("what ends with its namespace, or is told before that has a name, is not taken for vexport's own")
    func ended() {
        let pipeline = Pipeline()
        let eth0 = LinkState(name: "eth0", kind: .veth)
        let blue = NamespaceSighting(file: NamespaceFile(device: 4, inode: 5), nsid: 5, name: "blue")
        let changes: [LinkChange] = [
            .allFollowed(own: NamespaceSighting(file: NamespaceFile(device: 4, inode: 1), nsid: 0)), .dumped([]),
            .namespaceSighted(blue), .dumped(in: 5, []), .announced(in: 5, index: 2, eth0),
            .namespaceGone(5), .namespaceNumbered(6), .dumped(in: 6, []),
            .announced(in: 6, index: 3, eth0), .namespacesListed([]),
        ]
        pipeline.performAndWait { _ = $0.apply(changes, at: Timestamp(nanoseconds: 0)) }
        #expect(
            pipeline.journal.read(after: 0).entries.map(\.text) == [
                "eth0 (netns blue): created", "eth0 (netns blue): deleted (inferred)",
                "eth0 (netns nsid:[6]): created", "eth0 (netns nsid:[6]): deleted (inferred)",
            ])
    }
}

import Logging
import TestSupport
import VexportCore

@testable import LinkCollector
@testable import Netlink
@testable import VexportCore

/// A collector on a fake kernel.
final class Faked {
    let kernel: FakeKernel
    let pipeline = Pipeline(Exposure(detail: .full))
    let collector: LinkCollector

    /// - Parameters:
    ///   - prepare: what the kernel has and will say, before it is asked for the first time.
    ///   - followsAll: whether other namespaces are followed.
    ///   - warned: called for each line that the collector logs, debugging left out.
    init(
        _ names: [String] = ["a", "b"], followsAll: Bool = false, _ prepare: (FakeKernel) throws -> Void = { _ in },
        warned: @escaping @Sendable () -> Void = {}
    ) throws {
        kernel = try FakeKernel()
        for (position, name) in names.enumerated() {
            kernel.links[Int32(position + 1)] = Wire.link(Int32(position + 1), name)
        }
        try prepare(kernel)
        var options = LinkCollector.Options()
        options.interval = .milliseconds(50)
        collector = try LinkCollector(
            options: options, pipeline: pipeline, logger: Logger(label: "test") { _ in LineCounter(body: warned) },
            eventSocket: NetlinkSocket(adopting: kernel.eventSocket(), receive: kernel.receiveEvent),
            dumpSocket: NetlinkSocket(adopting: kernel.requestSocket(), receive: kernel.receiveAnswer),
            access: followsAll
                ? .init(own: NamespaceSighting(file: NamespaceFile(device: 4, inode: 1), nsid: 0), hearsEvents: true)
                : .init())
        collector.start()
        if followsAll { collector.searchEnded() }
        try wait("the first tick") { collector.latest != nil }
    }

    deinit {
        collector.stop()
    }

    var inventory: Inventory {
        nonisolated(unsafe) var result = Inventory()
        pipeline.performAndWait { result = $0.snapshot() }
        return result
    }

    var statistics: CollectorStatistics { collector.state.withLock { $0.statistics } }

    var names: [String] { inventory.links.values.map(\.state.name.description).sorted() }

    /// The names of a namespace's links, by its number.
    func names(in number: NSID) -> [String]? {
        let inventory = inventory
        return inventory.namespaces.all.first { $0.nsid == number }.map {
            inventory.links(in: $0.id).map(\.state.name.description).sorted()
        }
    }

    /// Waits until all events were read and the inventory is what the kernel has.
    func expectTruth(_ condition: () -> Bool = { true }) throws {
        do {
            try wait("the truth") {
                let truth = try kernel.links.mapValues { LinkState(try LinkMessage(decoding: $0.span.bytes, type: 16)) }
                return !kernel.hasUnreadEvents && condition() && inventory.links.mapValues(\.state) == truth
            }
        } catch {
            throw Command.Failure(
                description:
                    "\(error): the inventory has \(names), \(statistics), asked \(kernel.asked.filter { $0 != .stats })"
            )
        }
    }
}

/// Takes lines of a log for what they are in number.
private struct LineCounter: LogHandler {
    let body: @Sendable () -> Void
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { body() }
}

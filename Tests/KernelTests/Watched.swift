import Foundation
import Logging
import TestSupport
import Testing

@testable import LinkCollector
@testable import VexportCore

/// A namespace of a test's own, with a collector that watches it.
final class Watched {
    let namespace: Namespace
    let pipeline: Pipeline
    let collector: LinkCollector

    /// - Parameter scope: other tests' namespaces are around, so that of all namespaces a test can only tell its own. Pages
    ///   leave theirs out.
    init(
        receiveBuffer: Int32 = 16 << 20, scope: LinkCollector.Scope = .own,
        _ prepare: (Namespace) throws -> Void = { _ in }
    ) throws {
        let namespace = try Namespace()
        try prepare(namespace)
        self.namespace = namespace
        var exposure = Exposure(detail: .full)
        if scope == .all {
            exposure.include = ["", "vxt\(Command.ownPID)-*"].map { namespace in
                var pattern = LinkPattern()
                pattern.namespace = namespace
                return pattern
            }
        }
        let pipeline = Pipeline(exposure)
        self.pipeline = pipeline
        collector = try namespace.inside {
            var options = LinkCollector.Options()
            options.receiveBuffer = receiveBuffer
            options.namespaces = scope
            options.searchInterval = .seconds(2)
            options.namespacesInterval = .milliseconds(200)
            options.bridgesInterval = .milliseconds(200)
            return try LinkCollector(
                options: options, pipeline: pipeline, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        }
        collector.start()
        try wait("the first tick") { pipeline.frames.latest != nil }
    }

    deinit {
        collector.stop()
    }

    var inventory: Inventory {
        nonisolated(unsafe) var result = Inventory()
        pipeline.performAndWait { result = $0.snapshot() }
        return result
    }

    /// Another namespace, if it is known under its name.
    func id(of other: Namespace) -> NamespaceID? { id(named: other.name) }

    func id(named name: String) -> NamespaceID? {
        inventory.namespaces.all.first { $0.names.contains(EscapedText(name.utf8)) }?.id
    }

    func link(_ name: EscapedText, in other: Namespace) -> Link? {
        let inventory = inventory
        let id = inventory.namespaces.all.first { $0.names.contains(EscapedText(other.name.utf8)) }?.id
        return id.flatMap { inventory.links(in: $0).first { $0.state.name == name } }
    }

    func link(_ name: EscapedText) -> Link? { inventory.links.values.first { $0.state.name == name } }

    /// Waits until the inventory says what `ip -j -d link` says.
    func expectEqualToIP(_ comment: String = "", seconds: Int = 10) throws {
        try expectAgreement(comment, seconds) {
            let ip = try ipLinks(try namespace.ip("-j -d link"))
            let links = inventory.links
            var differences = Set(ip.keys).symmetricDifference(links.keys).sorted().map {
                if let link = links[$0] { return "\($0) is only in the inventory: \(link.state.name)" }
                return "\($0) is only in ip: \(ip[$0]!)"
            }
            for (index, link) in links {
                guard let expected = ip[index] else { continue }
                let facts = LinkFacts(link) { links[$0]?.state.name }
                differences += facts.differences(from: expected).map { "\(link.state.name) \($0)" }
            }
            return differences
        }
    }

    /// Waits until the inventory says of its own and other namespaces what `ip -j -d link` says in each.
    func expectEqualToIP(in others: [Namespace], _ comment: String = "", seconds: Int = 10) throws {
        try expectAgreement(comment, seconds) {
            var differences: [String] = []
            let ip = try ([namespace] + others).map { ($0.name, try $0.linkFacts()) }
            let inventory = inventory
            for (name, expected) in ip {
                let id = inventory.namespaces.all.first { $0.names.contains(EscapedText(name.utf8)) }?.id
                guard let id else {
                    differences.append("\(name) is not known")
                    continue
                }
                let links = inventory.linksByIndex(in: id)
                differences += Set(expected.keys).symmetricDifference(links.keys).sorted().map {
                    "\(name): \($0) is only in \(links[$0] == nil ? "ip" : "the inventory")"
                }
                for (index, link) in links {
                    guard let facts = expected[index] else { continue }
                    differences += LinkFacts(link, in: inventory).differences(from: facts).map {
                        "\(name): \(link.state.name) \($0)"
                    }
                }
            }
            return differences
        }
    }

    private func expectAgreement(_ comment: String, _ seconds: Int, _ differences: () throws -> [String]) throws {
        var last: [String] = []
        try wait(
            "\(comment): an end of \(last.count) differences (\(last.prefix(10).joined(separator: "; ")))",
            seconds: seconds
        ) {
            last = try differences()
            return last.isEmpty
        }
    }

    /// A page as a scrape would get it, with a fresh tick.
    func page() throws -> String {
        let done = DispatchSemaphore(value: 0)
        nonisolated(unsafe) var frame: TickFrame?
        collector.requestFrame(maxAge: .zero) {
            frame = $0
            done.signal()
        }
        done.wait()
        var sink = SampleSink()
        FrameMetrics.collect(try #require(frame), now: .now, into: &sink)
        collector.collect(into: &sink)
        var exposition = TextExposition(frame: try #require(frame), others: sink, format: .text)
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 1)
        defer { memory.deallocate() }
        var bytes: [UInt8] = []
        while case let count = exposition.render(into: memory), count > 0 { bytes += memory[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A series' value on a fresh page.
    func value(_ series: String) throws -> Double? {
        try page().split(separator: "\n").first { $0.hasPrefix(series + " ") }
            .flatMap { Double($0.split(separator: " ").last!) }
    }
}

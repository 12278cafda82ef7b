import VexportCore

@testable import PluginHost
@testable import VexportCore

/// What plugins answer that are asked for labels of links: the JSON of up to four, with a zero byte between.
enum LabelsTarget: FuzzTarget {
    private static let pipeline = Pipeline(Exposure(detail: .full))
    private static let links: FrameLinks = {
        pipeline.performAndWait { pipeline in
            let states = (1...3).map { (Int32($0), LinkState(name: "v\($0)", kind: .veth)) }
            _ = pipeline.apply([.dumped(states)], at: Timestamp(nanoseconds: 0))
            pipeline.ingest(TickSamples(), scheduled: true)
        }
        return pipeline.frames.latest!.links
    }()

    static func seeds() throws -> [[UInt8]] { try corpus("labels") }

    static func run(_ input: [UInt8]) {
        var desk = EnrichDesk()
        desk.setLinks(links)
        var names: [String] = []
        for json in input.split(separator: 0).prefix(4) {
            let name = "p\(names.count)"
            names.append(name)
            _ = desk.question(for: name, newOnly: false)
            do throws(PluginFailure) {
                let (losses, count) = try desk.take(Array(json), of: name)
                require(count <= 3, "labels for \(count) links")
                require(isPlain(losses.example?.description ?? ""), "a control character in the log")
            } catch { require(isPlain(error.description), "a control character in a reason") }
        }
        let labels = desk.labels(in: names)
        for labels in labels.values {
            require(labels.count <= 16 && Set(labels.map(\.name)).count == labels.count, "labels: \(labels)")
            for label in labels {
                require((1...64).contains(label.name.utf8.count), "a name of \(label.name.utf8.count) bytes")
                require((1...256).contains(label.value.utf8.count), "a value of \(label.value.utf8.count) bytes")
                require(isPlain(label.name + label.value), "a control character in a label")
            }
        }
        guard isChosen(input) else { return }
        pipeline.performAndWait { pipeline in
            pipeline.enrich(.labels(labels))
            pipeline.ingest(TickSamples(), scheduled: true)
        }
        Page.check(pipeline.frames.latest!)
    }
}

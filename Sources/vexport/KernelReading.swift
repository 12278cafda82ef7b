import HostCollector
import LinkCollector
import Logging
import VexportCore

/// One look at the kernel's links, by commands that do without a daemon.
enum KernelReading {
    /// Reads links and their counters.
    ///
    /// - Parameters:
    ///   - exposure: what the frame's page shows of them.
    ///   - namespaces: which namespaces' links.
    /// - Returns: nil when the kernel could not be asked; the logger knows why.
    static func frame(
        _ exposure: Exposure, _ namespaces: LinkCollector.Scope, logger: Logger
    ) async throws -> TickFrame? {
        let pipeline = Pipeline(exposure)
        let links = try LinkCollector(
            options: .init(readsSpeeds: exposure.showsNodeExporter, namespaces: namespaces),
            pipeline: pipeline, logger: logger)
        pipeline.performAndWait { $0.enrich(.owners(HostCollector.lookOnce())) }
        links.start()
        defer { links.stop() }
        return await withCheckedContinuation { continuation in
            links.requestFrame(maxAge: .zero) { continuation.resume(returning: $0) }
        }
    }

    /// Reads the links of all namespaces and judges them by this one look, so that nothing has time to pass.
    ///
    /// - Returns: nil when the kernel could not be asked; the logger knows why.
    static func judgement(logger: Logger) async throws -> Pipeline? {
        let pipeline = Pipeline.forOneLook()
        let links = try LinkCollector(options: .init(), pipeline: pipeline, logger: logger)
        let facts = try FactCollector(pipeline: pipeline, logger: logger, processes: ProcessSearch.answer)
        pipeline.performAndWait { $0.enrich(.owners(HostCollector.lookOnce())) }
        links.start()
        defer { links.stop() }
        let frame = await withCheckedContinuation { continuation in
            links.requestFrame(maxAge: .zero) { continuation.resume(returning: $0) }
        }
        guard frame != nil else { return nil }
        facts.lookAtAll()
        return pipeline
    }

    /// Prints the page of a frame.
    static func print(_ frame: TickFrame, _ format: ExpositionFormat) throws {
        var others = SampleSink()
        FrameMetrics.collect(frame, now: .now, into: &others)
        BuildInfo().collect(into: &others)
        var exposition = TextExposition(frame: frame, others: others, format: format)
        try unsafe withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 16) { buffer in
            while case let count = unsafe exposition.render(into: buffer), count > 0 {
                try unsafe StandardOutput.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
        }
    }
}

/// Is told what the pipeline does, in the pipeline: it takes note and goes on elsewhere.
public protocol PipelineObserver: Sendable {
    /// What happened to links, in order. May be empty.
    func observe(_ events: [LinkEvent])

    /// A scheduled tick.
    func observe(_ frame: TickFrame)
}

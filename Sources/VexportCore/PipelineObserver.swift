/// Is told what the pipeline does, in the pipeline: it takes note and goes on elsewhere.
public protocol PipelineObserver: Sendable {
    /// What happened to links, in order. May be empty.
    func observe(_ events: [LinkEvent])

    /// All that is wrong with links now, whenever that changed.
    func observe(_ findings: [Finding])

    /// A scheduled tick.
    func observe(_ frame: TickFrame)
}

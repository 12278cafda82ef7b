/// What a plugin does. vexport's own parts do the same in the same places.
public enum PluginHook: String, CaseIterable, Sendable {
    /// It has metrics, as a `MetricSource` has.
    case collect
    /// It has labels for links, as `Enrichment` takes them.
    case enrich
    /// It is told of events and findings, as a `PipelineObserver` is.
    case observe
    /// It delivers notifications of alerts, as a `NotificationTaker` does.
    case deliver
}

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

/// Takes notifications of alerts to where people see them, in another way than the built-in channels.
public protocol NotificationTaker: Sendable {
    /// - Parameters:
    ///   - notification: JSON, as Alertmanager's webhook has it (version 4), in one line.
    ///   - plugin: the plugin that is to deliver it.
    ///   - completion: called once, from any thread: nil when it was taken, else why not.
    func deliver(
        _ notification: [UInt8], by plugin: String, _ completion: @escaping @Sendable (String?) -> Void)
}

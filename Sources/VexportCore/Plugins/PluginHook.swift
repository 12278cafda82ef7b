/// What a plugin does.
public enum PluginHook: String, CaseIterable, Sendable {
    /// It has metrics.
    case collect
}

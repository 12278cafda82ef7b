import VexportCore

/// What others have for the host's thread, until it takes it.
struct PluginInbox {
    /// A notification for a plugin.
    struct Delivery {
        let notification: [UInt8]
        let plugin: String
        let completion: @Sendable (String?) -> Void
    }

    var settings: [PluginSettings]?
    var isStopping = false
    /// All there are, when that has changed.
    var findings: [Finding]?
    /// As the last tick had them, when they have changed.
    var links: FrameLinks?
    var deliveries: [Delivery] = []
}

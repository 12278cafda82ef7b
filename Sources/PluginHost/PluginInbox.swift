import VexportCore

/// What others have for the host's thread, until it takes it.
struct PluginInbox {
    /// A notification, and who wants to know what became of it.
    struct Delivery {
        let message: PluginNotification
        let completion: @Sendable (DeliveryVerdict) -> Void
    }

    var settings: [PluginSettings]?
    var isStopping = false
    /// All there are, when that has changed.
    var findings: [Finding]?
    /// As the last tick had them, when they have changed.
    var links: FrameLinks?
    var deliveries: [Delivery] = []
}

/// Takes notifications of alerts to where people see them. The transport of built-in receivers does, and plugins do.
public protocol NotificationTaker<Message>: Sendable {
    /// A notification as this taker tells it, and whom.
    associatedtype Message: Sendable

    /// Tries once. Returns at once.
    ///
    /// - Parameter completion: called once, from any thread, which it must not hold up.
    func deliver(_ message: Message, _ completion: @escaping @Sendable (DeliveryVerdict) -> Void)
}

/// What came of a try to deliver a notification.
public enum DeliveryVerdict: Equatable, Sendable {
    case delivered
    /// Trying again would change nothing.
    case refused(reason: String)
    /// - Parameter after: what the receiver asked for; nil for the usual wait.
    case retry(reason: String, after: Duration? = nil)
}

/// A notification for a plugin.
public struct PluginNotification: Sendable {
    /// The plugin that is to deliver it.
    public let plugin: String
    /// As Alertmanager's webhook has it (version 4), in one line.
    public let json: [UInt8]

    public init(plugin: String, json: [UInt8]) {
        self.plugin = plugin
        self.json = json
    }
}

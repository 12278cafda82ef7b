import VexportCore

/// Alerts as Alertmanager takes them. Source: Alertmanager, api/v2/openapi.yaml, postableAlerts.
enum AlertmanagerMessage {
    static let path = "/api/v2/alerts"
    /// Alertmanager takes an alert for resolved that it does not hear of again: Prometheus tells it every minute too.
    static let resendInterval = Duration.seconds(60)
    /// How far ahead the end of a firing alert is set: it outlives three lost notifications.
    static let validity = Duration.seconds(240)

    /// - Parameter at: when it is sent, which may be long after it was made.
    static func json(_ notification: AlertNotification, at: Timestamp) -> JSONValue {
        .list(
            notification.items.map { item in
                [
                    "labels": JSONValue(item.labels.values),
                    "annotations": JSONValue(item.allAnnotations),
                    "startsAt": .text(item.startsAt.description),
                    "endsAt": .text((item.endsAt ?? at + validity).description),
                ]
            })
    }

    /// - Parameter base: where Alertmanager is, with or without the path.
    static func url(_ base: String) -> String {
        if base.hasSuffix(path) { return base }
        return (base.hasSuffix("/") ? String(base.dropLast()) : base) + path
    }
}

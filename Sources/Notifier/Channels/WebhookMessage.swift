import VexportCore

/// What Alertmanager's webhook sends, version 4. Source: Alertmanager, notify/webhook and template.Data.
enum WebhookMessage {
    static func json(_ notification: AlertNotification) -> JSONValue {
        [
            "version": "4",
            "receiver": .text(notification.receiver),
            "status": .text(notification.isFiring ? "firing" : "resolved"),
            "groupKey": .text(notification.groupKey),
            "groupLabels": JSONValue(notification.groupLabels.values),
            "commonLabels": JSONValue(notification.commonLabels.values),
            "commonAnnotations": JSONValue(notification.commonAnnotations),
            "externalURL": "",
            "truncatedAlerts": .number(notification.truncated),
            "alerts": .list(notification.items.map(alert)),
        ]
    }

    private static func alert(_ item: AlertNotification.Item) -> JSONValue {
        [
            "status": .text(item.endsAt == nil ? "firing" : "resolved"),
            "labels": JSONValue(item.labels.values),
            "annotations": JSONValue(item.allAnnotations),
            "startsAt": .text(item.startsAt.description),
            // Go's zero time, which stands for none.
            "endsAt": .text(item.endsAt?.description ?? "0001-01-01T00:00:00Z"),
            "generatorURL": "",
            "fingerprint": .text(item.labels.fingerprint),
        ]
    }
}

extension AlertNotification.Item {
    /// With what it holds back.
    var allAnnotations: [String: String] {
        guard heldBack > 0 else { return annotations }
        let more = heldBack > heldBackNames.count ? ", …" : ""
        return annotations.merging(
            ["held_back": "\(heldBack): \(heldBackNames.joined(separator: ", "))\(more)"]) { own, _ in own }
    }
}

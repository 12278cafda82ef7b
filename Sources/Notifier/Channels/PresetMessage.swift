import VexportCore

/// The requests of services that vexport knows, each as its documentation has them.
enum PresetMessage {
    /// - Parameters:
    ///   - secret: empty where the preset needs none.
    ///   - id: the same for each try of one notification, so that a service that knows it shows it once.
    static func json(_ notification: AlertNotification, _ options: PresetOptions, secret: String, id: String)
        -> JSONValue
    {
        switch options.preset {
        case .discord: discord(notification)
        case .microsoftTeams: microsoftTeams(notification)
        case .googleChat: googleChat(notification, id)
        case .matrix: matrix(notification)
        case .telegram: telegram(notification, chat: options.target ?? "")
        case .pagerduty: pagerDuty(notification, key: secret)
        case .ntfy: ntfy(notification, topic: options.target ?? "")
        }
    }

    /// Source: discord.com/developers/docs/resources/webhook#execute-webhook; an embed has 4,096 characters.
    private static func discord(_ notification: AlertNotification) -> JSONValue {
        let message = ChatMessage(notification, .markdown)
        let color =
            switch message.tone {
            case .critical: 0xe0_1e5a
            case .warning: 0xec_b22e
            case .good: 0x2e_b67d
            }
        return [
            "embeds": [
                [
                    "title": .text(Markup.markdown.neutral(String(message.title.prefix(120)))), "color": .number(color),
                    "description": .text(message.text(fitting: 4_000)),
                ]
            ],
            "allowed_mentions": ["parse": []],
        ]
    }

    /// An Adaptive Card. Its text runs know no markup. Source: adaptivecards.io/explorer/RichTextBlock.html; Teams takes
    /// 28 KB.
    private static func microsoftTeams(_ notification: AlertNotification) -> JSONValue {
        let message = ChatMessage(notification, .plain)
        let color =
            switch message.tone {
            case .critical: "Attention"
            case .warning: "Warning"
            case .good: "Good"
            }
        func block(_ run: [String: JSONValue]) -> JSONValue {
            ["type": "RichTextBlock", "inlines": [.object(run.merging(["type": "TextRun"]) { $1 })]]
        }
        let lines = message.text(fitting: 16_000).split(separator: "\n").map { block(["text": .text(String($0))]) }
        return [
            "type": "message",
            "attachments": [
                [
                    "contentType": "application/vnd.microsoft.card.adaptive",
                    "content": [
                        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard",
                        "version": "1.4",
                        "body": .list(
                            [
                                block([
                                    "text": .text(message.title), "weight": "Bolder", "size": "Medium",
                                    "color": .text(color),
                                ])
                            ] + lines),
                    ],
                ]
            ],
        ]
    }

    /// A card, whose texts know HTML and no mentions. Source: developers.google.com/workspace/chat/api/reference/rest/v1/cards.
    private static func googleChat(_ notification: AlertNotification, _ id: String) -> JSONValue {
        let message = ChatMessage(notification, .html)
        return [
            "cardsV2": [
                [
                    "cardId": .text(id),
                    "card": [
                        "header": ["title": .text(message.title)],
                        "sections": [
                            [
                                "widgets": [
                                    [
                                        "textParagraph": [
                                            "text": .text(message.text(separator: "<br>", fitting: 16_000))
                                        ]
                                    ]
                                ]
                            ]
                        ],
                    ],
                ]
            ]
        ]
    }

    /// Source: Matrix client-server API, m.room.message; `m.mentions` says that nobody is called.
    private static func matrix(_ notification: AlertNotification) -> JSONValue {
        let (plain, html) = (ChatMessage(notification, .plain), ChatMessage(notification, .html))
        return [
            "msgtype": "m.text",
            "body": .text(plain.title + "\n" + plain.text(fitting: 16_000)),
            "format": "org.matrix.custom.html",
            "formatted_body": .text(
                Markup.html.bold(html.title) + "<br>" + html.text(separator: "<br>", fitting: 16_000)),
            "m.mentions": [:],
        ]
    }

    /// Source: core.telegram.org/bots/api#sendmessage; 4,096 characters.
    private static func telegram(_ notification: AlertNotification, chat: String) -> JSONValue {
        let message = ChatMessage(notification, .html)
        let title = Markup.html.bold(message.title)
        return [
            "chat_id": .text(chat), "parse_mode": "HTML", "link_preview_options": ["is_disabled": true],
            "text": .text(title + "\n" + message.text(fitting: 4_000 - title.utf8.count)),
        ]
    }

    /// One incident for a group. Source: developer.pagerduty.com/docs/events-api-v2-overview.
    private static func pagerDuty(_ notification: AlertNotification, key: String) -> JSONValue {
        let message = ChatMessage(notification, .plain)
        let severity = notification.commonLabels["severity"] ?? "warning"
        let known = ["critical", "error", "warning", "info"]
        let labels = notification.groupLabels.merging(["instance": notification.commonLabels["instance"] ?? ""])
        return [
            "routing_key": .text(key),
            "event_action": .text(notification.isFiring ? "trigger" : "resolve"),
            "dedup_key": .text("vexport-\(labels.fingerprint)"),
            "payload": [
                "summary": .text(String(message.title.prefix(1_024))),
                "source": .text(notification.commonLabels["instance"] ?? "vexport"),
                "severity": .text(known.contains(severity) ? severity : severity == "page" ? "critical" : "warning"),
                "timestamp": .text(notification.items.map(\.startsAt).min()!.description),
                "custom_details": [
                    "alerts": .text(message.text(fitting: 16_000)),
                    "labels": JSONValue(notification.commonLabels.values),
                ],
            ],
        ]
    }

    /// Source: docs.ntfy.sh/publish/#publish-as-json; 4,096 bytes of message, priorities 1 to 5.
    private static func ntfy(_ notification: AlertNotification, topic: String) -> JSONValue {
        let message = ChatMessage(notification, .plain)
        let (priority, tag) =
            switch message.tone {
            case .critical: (5, "rotating_light")
            case .warning: (4, "warning")
            case .good: (3, "white_check_mark")
            }
        return [
            "topic": .text(topic), "title": .text(String(message.title.prefix(200))),
            "message": .text(message.text(fitting: 4_000)), "priority": .number(priority), "tags": [.text(tag)],
        ]
    }
}

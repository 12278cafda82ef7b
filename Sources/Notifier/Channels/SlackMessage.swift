import VexportCore

/// An incoming webhook of Slack, which Mattermost takes too. Source: api.slack.com/reference/messaging/attachments,
/// developers.mattermost.com/integrate/webhooks/incoming.
enum SlackMessage {
    /// Bytes of text. Mattermost takes 16,383 characters in all, Slack shows about 8,000 of an attachment.
    private static let longest = 6_000

    static func json(_ notification: AlertNotification, _ options: SlackOptions) -> JSONValue {
        let markup: Markup = options.dialect == .slack ? .slack : .markdown
        let message = ChatMessage(notification, markup)
        let title = markup.neutral(message.title)
        var attachment: [String: JSONValue] = [
            "color": .text(color(message.tone)), "title": .text(title), "fallback": .text(title),
            "text": .text(message.text(fitting: longest)),
        ]
        // Slack reads no markup in an attachment whose list of marked up parts is empty.
        if options.dialect == .slack { attachment["mrkdwn_in"] = [] }
        var body: [String: JSONValue] = ["attachments": .list([.object(attachment)])]
        if let channel = options.channel { body["channel"] = .text(channel) }
        return .object(body)
    }

    private static func color(_ tone: ChatMessage.Tone) -> String {
        switch tone {
        case .critical: "danger"
        case .warning: "warning"
        case .good: "good"
        }
    }
}

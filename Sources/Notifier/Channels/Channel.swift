public import VexportCore

/// One place to which a receiver's alerts are sent: what it is, and how it is reached.
public struct Channel: Equatable, Sendable {
    public var kind: ChannelKind
    /// Without the receiver and the number that make up the id.
    public var endpoint = Endpoint()
    public var sendsResolved = true
    /// Alerts in one notification; nil for all.
    public var mostAlerts: Int?

    public init(_ kind: ChannelKind) {
        self.kind = kind
    }

    /// What the dispatcher has to know of it.
    func plan(receiver: String, position: Int) -> AlertChannel {
        AlertChannel(
            id: "\(receiver)/\(kind.name)/\(position)", receiver: receiver, sendsResolved: sendsResolved,
            mostAlerts: mostAlerts, resendInterval: kind == .alertmanager ? AlertmanagerMessage.resendInterval : nil)
    }
}

/// The address of a channel and what opens it. Secrets are named by their files, and read for each try.
public struct Endpoint: Equatable, Sendable {
    public var url: String?
    public var urlFile: String?
    public var headers: [String: String] = [:]
    public var user: String?
    public var passwordFile: String?
    public var bearerTokenFile: String?
    /// The key of an HMAC-SHA256 over the body, sent as `X-Vexport-Signature: sha256=…`.
    public var signatureKeyFile: String?
    public var http = HTTPOptions()

    public init() {}
}

/// What a channel speaks.
public enum ChannelKind: Equatable, Sendable {
    /// Alertmanager's webhook, version 4.
    case webhook
    /// Alertmanager's own API, version 2.
    case alertmanager
    case slack(SlackOptions)
    case preset(PresetOptions)
    case custom(CustomOptions)
    /// A plugin of this name.
    case plugin(String)

    /// As the configuration calls it.
    public var name: String {
        switch self {
        case .webhook: "webhook"
        case .alertmanager: "alertmanager"
        case .slack: "slack"
        case .preset, .custom: "template"
        case .plugin: "plugin"
        }
    }
}

public struct SlackOptions: Equatable, Sendable {
    public enum Dialect: String, CaseIterable, Sendable {
        case slack, mattermost
    }

    /// Whose server it is: they read markup differently.
    public var dialect = Dialect.slack
    /// nil: the webhook's own.
    public var channel: String?

    public init() {}
}

/// A service whose requests vexport knows.
public enum Preset: String, CaseIterable, Sendable {
    case discord, matrix, ntfy, pagerduty, telegram
    case googleChat = "googlechat"
    case microsoftTeams = "msteams"

    /// Where it is, if it is the same for everybody. `{{secret}}` stands for the secret.
    public var standardURL: String? {
        switch self {
        case .pagerduty: "https://events.pagerduty.com/v2/enqueue"
        case .telegram: "https://api.telegram.org/bot{{secret}}/sendMessage"
        case .ntfy: "https://ntfy.sh"
        case .discord, .matrix, .googleChat, .microsoftTeams: nil
        }
    }

    /// Whether its secret is a thing of its own, and not a part of the URL.
    public var needsSecret: Bool { self == .pagerduty || self == .telegram || self == .matrix }

    /// What must be said beside address and secret: Matrix' room, Telegram's chat, ntfy's topic.
    public var needsTarget: Bool { self == .matrix || self == .telegram || self == .ntfy }
}

public struct PresetOptions: Equatable, Sendable {
    public var preset: Preset
    public var secretFile: String?
    /// Matrix' room, Telegram's chat, ntfy's topic.
    public var target: String?

    public init(_ preset: Preset) {
        self.preset = preset
    }
}

/// A request made from the configuration's own templates.
public struct CustomOptions: Equatable, Sendable {
    public var body: AlertTemplate
    public var method = "POST"
    public var contentType = "application/json"
    public var secretFile: String?

    public init(body: AlertTemplate) {
        self.body = body
    }
}

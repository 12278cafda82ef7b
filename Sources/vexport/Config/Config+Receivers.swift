import Notifier
import VexportCore

extension Config {
    /// One of `receivers`: a name, and the channels through which it is told.
    struct Receiver: ConfigSection {
        var name: String?
        var webhook: [Placed<ChannelEntry>] = []
        var alertmanager: [Placed<ChannelEntry>] = []
        var slack: [Placed<ChannelEntry>] = []
        var template: [Placed<ChannelEntry>] = []
        var plugin: [Placed<ChannelEntry>] = []

        static let keys = [
            key("name", \.name, .optional(.line("a name") { !$0.contains("/") }), "What routes call it."),
            key("webhook", \.webhook, .list(of: .placed(.section)), "Alertmanager's webhook, version 4."),
            key("alertmanager", \.alertmanager, .list(of: .placed(.section)), "Alertmanagers, by their API version 2."),
            key("slack", \.slack, .list(of: .placed(.section)), "Incoming webhooks of Slack or Mattermost."),
            key("template", \.template, .list(of: .placed(.section)), "Other services, by a preset or a body."),
            key("plugin", \.plugin, .list(of: .placed(.section)), "Plugins with the hook deliver."),
        ]
    }

    /// One channel of a receiver. Secrets are in files of their own, read for each try.
    struct ChannelEntry: ConfigSection {
        var plugin: String?
        var endpoint = Endpoint()
        var proxy: String?
        var sendsResolved = true
        var mostAlerts: Int?
        var slack = SlackOptions()
        var preset: Preset?
        var secretFile: String?
        var target: String?
        var body: AlertTemplate?
        var method: Method = .post
        var contentType = "application/json"

        enum Method: String, CaseIterable, Sendable {
            case post = "POST"
            case put = "PUT"
        }

        private static let file = ConfigFormat<String?>.optional(.line("a file's path"))

        static let keys = [
            key("name", \.plugin, .optional(.line("a plugin's name")), "Of plugin: which one."),
            key("url", \.endpoint.url, .optional(.url), "Where it is; for an Alertmanager without /api/v2/alerts."),
            key("url_file", \.endpoint.urlFile, file, "The file that has the URL, where that is a secret."),
            key("send_resolved", \.sendsResolved, .flag, "Whether it is told that what fired is over."),
            key(
                "max_alerts", \.mostAlerts, .optional(.integer(1...20_000)),
                "Alerts in one message; the others are counted. All without."),
            key(
                "timeout", \.endpoint.http.timeout, .duration(.milliseconds(100)...(.seconds(300))),
                "For one try, in all."),
            key("proxy_url", \.endpoint.http.proxy, .optional(.url), "The proxy; without, as the environment has it."),
            key(
                "ca_file", \.endpoint.http.authorityFile, file,
                "The authorities to trust, in PEM; the system's without."),
            key("cert_file", \.endpoint.http.certificateFile, file, "The client's certificate, in PEM."),
            key("key_file", \.endpoint.http.keyFile, file, "Its key, in PEM."),
            key(
                "insecure_skip_verify", \.endpoint.http.skipsVerification, .flag,
                "Whether any server's certificate is good enough."),
            key("headers", \.endpoint.headers, .map("headers", of: .line("text")), "Headers to send."),
            key("username", \.endpoint.user, .optional(.line("a name")), "For basic authentication."),
            key("password_file", \.endpoint.passwordFile, file, "The file that has the password."),
            key(
                "bearer_token_file", \.endpoint.bearerTokenFile, file, "The file that has a token to send as a bearer."),
            key(
                "hmac_secret_file", \.endpoint.signatureKeyFile, file,
                "The file that has the key of X-Vexport-Signature, an HMAC-SHA256 of the body."),
            key("dialect", \.slack.dialect, .choice, "Of slack: whose server it is."),
            key(
                "channel", \.slack.channel, .optional(.line("a channel")),
                "Of slack: another channel than the webhook's."),
            key("preset", \.preset, .optional(.choice), "Of template: a service that vexport knows."),
            key(
                "secret_file", \.secretFile, file,
                "Of template: the file that has {{secret}}, the service's key or token."),
            key(
                "target", \.target, .optional(.line("text")),
                "Of template: the room of matrix, the chat of telegram, the topic of ntfy."),
            key("body", \.body, .optional(.template), "Of template, without a preset: what is sent."),
            key("method", \.method, .choice, "Of template, with a body: the method."),
            key(
                "content_type", \.contentType, .line("a media type"),
                "Of template, with a body: its type, by which values in it are escaped."),
        ]
    }

    func makeReceivers(_ problems: inout [ConfigProblem]) -> [String: [Channel]] {
        var result: [String: [Channel]] = [:]
        for entry in receivers {
            guard let name = entry.value.name else {
                problems.append(ConfigProblem(entry.place, "a receiver without 'name'"))
                continue
            }
            guard result[name] == nil else {
                problems.append(ConfigProblem(entry.place, "a second receiver named \(shown(name))"))
                continue
            }
            let receiver = entry.value
            var channels: [Channel] = []
            func add(_ entries: [Placed<ChannelEntry>], _ kind: (ChannelEntry, YAMLPlace) -> ChannelKind?) {
                for entry in entries {
                    guard let kind = kind(entry.value, entry.place) else { continue }
                    if let problem = entry.value.problem(kind) {
                        problems.append(ConfigProblem(entry.place, problem))
                    }
                    channels.append(entry.value.channel(kind))
                }
            }
            add(receiver.webhook) { _, _ in .webhook }
            add(receiver.alertmanager) { _, _ in .alertmanager }
            add(receiver.slack) { entry, _ in .slack(entry.slack) }
            add(receiver.template) { entry, place in
                switch (entry.preset, entry.body) {
                case (let preset?, nil):
                    var options = PresetOptions(preset)
                    (options.secretFile, options.target) = (entry.secretFile, entry.target)
                    return .preset(options)
                case (nil, let body?):
                    var options = CustomOptions(body: body)
                    options.method = entry.method.rawValue
                    options.contentType = entry.contentType
                    options.secretFile = entry.secretFile
                    return .custom(options)
                default:
                    problems.append(ConfigProblem(place, "expected one of preset or body"))
                    return nil
                }
            }
            add(receiver.plugin) { channel, place in
                let name = channel.plugin ?? ""
                guard plugins.contains(where: { $0.value.name == name && $0.value.hooks.contains(.deliver) }) else {
                    problems.append(
                        ConfigProblem(place, "expected 'name' of a plugin with the hook deliver, got \(shown(name))"))
                    return nil
                }
                return .plugin(name)
            }
            if channels.isEmpty, problems.isEmpty {
                problems.append(
                    ConfigProblem(
                        entry.place, "expected at least one of webhook, alertmanager, slack, template or plugin"))
            }
            result[name] = channels
        }
        return result
    }
}

extension Config.ChannelEntry {
    /// What is wrong with the whole of it.
    fileprivate func problem(_ kind: ChannelKind) -> String? {
        if case .plugin = kind { return endpoint == Endpoint() ? nil : "a plugin has no url, and none of its settings" }
        if plugin != nil { return "'name' is of plugins" }
        if endpoint.url != nil, endpoint.urlFile != nil { return "expected one of url or url_file" }
        if endpoint.user != nil, endpoint.passwordFile == nil { return "'username' without 'password_file'" }
        if endpoint.user != nil, endpoint.bearerTokenFile != nil {
            return "expected one of username or bearer_token_file"
        }
        if (endpoint.http.certificateFile == nil) != (endpoint.http.keyFile == nil) {
            return "expected both of cert_file and key_file"
        }
        if case .preset(let options) = kind {
            if options.preset.needsSecret, options.secretFile == nil {
                return "preset '\(options.preset.rawValue)' needs 'secret_file'"
            }
            if options.preset.needsTarget, options.target == nil {
                return "preset '\(options.preset.rawValue)' needs 'target'"
            }
            if options.preset.standardURL != nil { return nil }
        }
        return endpoint.url == nil && endpoint.urlFile == nil ? "expected url or url_file" : nil
    }

    fileprivate func channel(_ kind: ChannelKind) -> Channel {
        var channel = Channel(kind)
        channel.endpoint = endpoint
        channel.sendsResolved = sendsResolved
        channel.mostAlerts = mostAlerts
        return channel
    }
}

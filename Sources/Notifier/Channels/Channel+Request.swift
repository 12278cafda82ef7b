import VexportCore

extension Channel {
    /// Makes the request that tells a notification.
    ///
    /// - Parameters:
    ///   - id: the notification's, the same for each try.
    ///   - at: when it is sent.
    /// - Throws: when a secret can't be read.
    func request(_ notification: AlertNotification, id: String, at: Timestamp) throws(SecretFile.Failure) -> HTTPRequest
    {
        var secret = ""
        if let file = kind.secretFile { secret = try SecretFile.read(file) }
        var request = HTTPRequest(
            url: try endpoint.urlFile.map { (file) throws(SecretFile.Failure) in try SecretFile.read(file) }
                ?? endpoint.url ?? kind.standardURL ?? "",
            body: [], options: endpoint.http)
        request.headers = endpoint.headers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        var contentType = "application/json"
        switch kind {
        case .webhook, .plugin: request.body = WebhookMessage.json(notification).bytes
        case .alertmanager:
            request.url = AlertmanagerMessage.url(request.url)
            request.body = AlertmanagerMessage.json(notification, at: at).bytes
        case .slack(let options): request.body = SlackMessage.json(notification, options).bytes
        case .preset(let options):
            request.body = PresetMessage.json(notification, options, secret: secret, id: id).bytes
            if options.preset == .matrix {
                let room = PercentEncoding.encoded(options.target ?? "")
                request.method = "PUT"
                request.url += "/_matrix/client/v3/rooms/\(room)/send/m.room.message/\(id)"
                request.headers.append(("Authorization", "Bearer \(secret)"))
            }
        case .custom(let options):
            request.method = options.method
            contentType = options.contentType
            request.body = CustomMessage.body(notification, options, secret: secret)
        }
        if let template = try? AlertTemplate(request.url) {
            request.url = template.render { $0 == "secret" ? PercentEncoding.url(secret) : nil }
        }
        request.headers.append(("Content-Type", contentType))
        if let file = endpoint.bearerTokenFile {
            request.headers.append(("Authorization", "Bearer \(try SecretFile.read(file))"))
        }
        if let user = endpoint.user {
            request.credentials = (
                user,
                try endpoint.passwordFile.map { (file) throws(SecretFile.Failure) in
                    try SecretFile.read(file)
                } ?? ""
            )
        }
        if let file = endpoint.signatureKeyFile {
            request.headers.append((Signature.header, Signature.value(request.body, key: try SecretFile.read(file))))
        }
        return request
    }
}

extension ChannelKind {
    var secretFile: String? {
        switch self {
        case .preset(let options): options.secretFile
        case .custom(let options): options.secretFile
        case .webhook, .alertmanager, .slack, .plugin: nil
        }
    }

    fileprivate var standardURL: String? {
        if case .preset(let options) = self { options.preset.standardURL } else { nil }
    }
}

extension PercentEncoding {
    /// A secret in a URL's path: Telegram's has a colon, which belongs there.
    fileprivate static func url(_ text: String) -> String {
        text.split(separator: ":", omittingEmptySubsequences: false).map { encoded(String($0)) }.joined(separator: ":")
    }
}

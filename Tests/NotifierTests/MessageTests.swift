import Foundation
import Testing
import VexportCore

@testable import Notifier

/// The requests of each service, by what its documentation asks for.
struct MessageTests {
    static let hostile = #"<!channel> @here @room <at>all</at> *b* _i_ `c` [x](http://e) <b>&"q""#

    static func notification(
        alerts: Int = 1, resolved: Bool = false, severity: String = "critical", owner: String? = nil
    )
        -> AlertNotification
    {
        var dispatcher = AlertDispatcher(
            plan: NotificationPlan(
                root: AlertRoute(receiver: "ops"),
                receivers: ["ops": [AlertChannel(id: "ops/x/0", receiver: "ops")]]))
        var labels = ["severity": severity]
        if owner == nil { labels["owner"] = "vm<1>@x" }
        var engine = RuleEngine(
            rules: [
                Rule(
                    "NoCarrier", .finding("f"), labels: labels,
                    annotations: [
                        "summary": try! AlertTemplate("Carrier lost"), "evidence": try! AlertTemplate("{{evidence}}"),
                        "owner": try! AlertTemplate("{{workload}}"),
                    ])
            ], externalLabels: ["instance": "host7"])
        var input = RuleInput()
        input.findings["f"] = (0..<alerts).map {
            var condition = AlertCondition(AlertSubject(.link, "tap\($0)"), facts: ["evidence": hostile])
            condition.facts["workload"] = owner
            return condition
        }
        let start = Timestamp(nanoseconds: 1_767_323_045_120_000_000)
        dispatcher.take(engine.evaluate(input, at: start), at: start)
        let told = dispatcher.flush(at: start + .seconds(10))
        guard resolved else { return told[0] }
        input.findings["f"] = []
        dispatcher.take(engine.evaluate(input, at: start + .seconds(75)), at: start + .seconds(75))
        return dispatcher.flush(at: start + .seconds(310))[0]
    }

    private func request(_ kind: ChannelKind, _ notification: AlertNotification = notification()) throws -> HTTPRequest
    {
        var channel = Channel(kind)
        channel.endpoint.url = "http://receiver.example/x"
        if case .preset(let options) = kind, options.preset.standardURL != nil { channel.endpoint.url = nil }
        return try channel.request(notification, id: "id-1", at: Timestamp(nanoseconds: 1_767_323_050_000_000_000))
    }

    private func preset(
        _ preset: Preset, _ notification: AlertNotification = notification(), target: String? = nil
    ) throws -> (request: HTTPRequest, json: [String: Any]) {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("vx-secret-\(UUID())").path
        try Data("123:se/cret\n".utf8).write(to: URL(fileURLWithPath: file))
        defer { unlink(file) }
        var options = PresetOptions(preset)
        options.target = target
        if preset.needsSecret { options.secretFile = file }
        let request = try request(.preset(options), notification)
        return (request, try #require(json(request) as? [String: Any]))
    }

    private func json(_ request: HTTPRequest) -> Any? { try? JSONSerialization.jsonObject(with: Data(request.body)) }

    /// The value at a path of keys and positions.
    private func at(_ value: Any, _ path: Any...) -> Any? {
        path.reduce(value as Any?) { value, step in
            if let key = step as? String { return (value as? [String: Any])?[key] }
            if let position = step as? Int, let list = value as? [Any], list.indices.contains(position) {
                return list[position]
            }
            return nil
        }
    }

    @Test("a message says what, where, whose, since when, and the evidence")
    func words() {
        let message = ChatMessage(Self.notification(), .plain)
        #expect(message.title == "Firing: NoCarrier on host7")
        #expect(
            message.lines == ["Carrier lost", "tap0 of vm<1>@x: since 03:04:05 UTC", Self.hostile])
        #expect(message.tone == .critical)
        let told = Self.notification(owner: "vm a@b")
        #expect(ChatMessage(told, .plain).lines[1] == "tap0 of vm a@b: since 03:04:05 UTC")
        #expect(ChatMessage(told, .html).lines[1] == "<b>tap0</b> of vm a@\u{200b}b: since 03:04:05 UTC")
        let many = ChatMessage(Self.notification(alerts: 1_000), .plain)
        #expect(many.title == "Firing: 1000 × NoCarrier on host7" && many.lines.last == "and 990 more")
        let over = ChatMessage(Self.notification(resolved: true), .plain)
        #expect(over.title == "Resolved: NoCarrier on host7" && over.tone == .good)
        #expect(over.lines[1] == "tap0 of vm<1>@x: resolved at 03:05:20 UTC after 1m15s")
    }

    @Test("text that does not fit ends with an ellipsis, between lines")
    func fitting() {
        let text = ChatMessage(Self.notification(alerts: 10), .plain).text(fitting: 200)
        #expect(text.utf8.count <= 200 && text.hasSuffix("\n…"))
    }

    @Test("Slack: an attachment without markup, mentions defused")
    func slack() throws {
        let body = try #require(json(request(.slack(SlackOptions()))))
        let text = try #require(at(body, "attachments", 0, "text") as? String)
        #expect(text.contains("&lt;!channel&gt;") && !text.contains("<") && !text.contains("@here"))
        #expect(at(body, "attachments", 0, "color") as? String == "danger")
        #expect((at(body, "attachments", 0, "mrkdwn_in") as? [Any])?.isEmpty == true)
        #expect(at(body, "attachments", 0, "fallback") as? String == "Firing: NoCarrier on host7")
    }

    @Test("Mattermost: the same with its Markdown escaped")
    func mattermost() throws {
        var options = SlackOptions()
        (options.dialect, options.channel) = (.mattermost, "ops")
        let body = try #require(json(request(.slack(options))))
        let text = try #require(at(body, "attachments", 0, "text") as? String)
        #expect(text.contains(#"\*b\* \_i\_ \`c\` \[x\]\(http\://e\)"#) && !text.contains("@here"))
        #expect(at(body, "channel") as? String == "ops")
    }

    @Test("Discord: an embed within its limits, and mentions switched off")
    func discord() throws {
        let (_, body) = try preset(.discord, Self.notification(alerts: 500))
        #expect((at(body, "allowed_mentions", "parse") as? [Any])?.isEmpty == true)
        let text = try #require(at(body, "embeds", 0, "description") as? String)
        #expect(text.count <= 4_096 && !text.contains("@here") && text.contains(#"\*b\*"#))
        #expect(at(body, "embeds", 0, "color") as? Int == 0xe0_1e5a)
        #expect((at(body, "embeds", 0, "title") as? String)?.contains("500 × NoCarrier") == true)
    }

    @Test("Microsoft Teams: an Adaptive Card of plain text runs")
    func microsoftTeams() throws {
        let (request, body) = try preset(.microsoftTeams, Self.notification(alerts: 500))
        #expect(request.body.count < 28 << 10)
        #expect(at(body, "type") as? String == "message")
        #expect(
            at(body, "attachments", 0, "contentType") as? String == "application/vnd.microsoft.card.adaptive")
        let card = try #require(at(body, "attachments", 0, "content"))
        #expect(at(card, "type") as? String == "AdaptiveCard" && at(card, "version") as? String == "1.4")
        let blocks = try #require(at(card, "body") as? [Any])
        #expect(blocks.allSatisfy { at($0, "type") as? String == "RichTextBlock" })
        #expect(at(blocks[2], "inlines", 0, "text") as? String == "tap0 of vm<1>@x: since 03:04:05 UTC")
    }

    @Test("Google Chat: a card whose text is escaped HTML")
    func googleChat() throws {
        let (_, body) = try preset(.googleChat)
        let card = try #require(at(body, "cardsV2", 0, "card"))
        #expect(at(card, "header", "title") as? String == "Firing: NoCarrier on host7")
        let text = try #require(at(card, "sections", 0, "widgets", 0, "textParagraph", "text") as? String)
        #expect(text.contains("<b>tap0</b>") && text.contains("&lt;b&gt;&amp;&quot;q&quot;"))
    }

    @Test("Matrix: a message by PUT under the notification's own id, which calls nobody")
    func matrix() throws {
        let (request, body) = try preset(.matrix, target: "!room:example.org")
        #expect(
            request.method == "PUT"
                && request.url == "http://receiver.example/x/_matrix/client/v3/rooms/%21room%3Aexample.org/send/"
                    + "m.room.message/id-1"
        )
        #expect(request.headers.contains { $0 == ("Authorization", "Bearer 123:se/cret") })
        #expect(
            at(body, "msgtype") as? String == "m.text" && (at(body, "m.mentions") as? [String: Any])?.isEmpty == true)
        let html = try #require(at(body, "formatted_body") as? String)
        #expect(html.contains("&lt;at&gt;all") && !html.contains("@room") && !html.contains("<b>&amp;"))
    }

    @Test("Telegram: HTML within 4,096 characters, the token only in the address")
    func telegram() throws {
        let (request, body) = try preset(.telegram, Self.notification(alerts: 500), target: "-100")
        #expect(request.url == "https://api.telegram.org/bot123:se%2Fcret/sendMessage")
        #expect(at(body, "chat_id") as? String == "-100" && at(body, "parse_mode") as? String == "HTML")
        let text = try #require(at(body, "text") as? String)
        #expect(text.count <= 4_096 && text.hasPrefix("<b>Firing: 500 × NoCarrier") && !text.contains("@here"))
        #expect(text.components(separatedBy: "<b>").count == text.components(separatedBy: "</b>").count)
        #expect(!String(decoding: request.body, as: UTF8.self).contains("cret"))
    }

    @Test("PagerDuty: trigger and resolve with one key")
    func pagerDuty() throws {
        let (request, body) = try preset(.pagerduty)
        let (_, over) = try preset(.pagerduty, Self.notification(resolved: true))
        #expect(request.url == "https://events.pagerduty.com/v2/enqueue")
        #expect(at(body, "routing_key") as? String == "123:se/cret")
        #expect(at(body, "event_action") as? String == "trigger" && at(over, "event_action") as? String == "resolve")
        #expect(at(body, "dedup_key") as? String == at(over, "dedup_key") as? String)
        #expect(
            at(body, "payload", "severity") as? String == "critical"
                && at(body, "payload", "source") as? String == "host7")
        #expect(at(body, "payload", "timestamp") as? String == "2026-01-02T03:04:05.120Z")
    }

    @Test("ntfy: a topic, a priority, and a message within 4,096 bytes")
    func ntfy() throws {
        let (request, body) = try preset(.ntfy, Self.notification(alerts: 500), target: "ops")
        #expect(request.url == "https://ntfy.sh" && at(body, "topic") as? String == "ops")
        #expect(at(body, "priority") as? Int == 5 && (at(body, "message") as? String)!.utf8.count <= 4_096)
    }

    @Test("a template's values are escaped for its type, and never read as a template")
    func custom() throws {
        var options = CustomOptions(body: try AlertTemplate(#"{"a":"{{text}}","n":{{count}},"all":{{alerts}}}"#))
        let body = try #require(json(request(.custom(options))))
        #expect((at(body, "a") as? String)?.hasSuffix(Self.hostile) == true && at(body, "n") as? Int == 1)
        #expect(at(body, "all", "version") as? String == "4")
        options.body = try AlertTemplate("t={{title}}&i={{labels.instance}}")
        options.contentType = "application/x-www-form-urlencoded"
        let form = try request(.custom(options))
        #expect(String(decoding: form.body, as: UTF8.self) == "t=Firing%3A%20NoCarrier%20on%20host7&i=host7")
    }

    @Test("an Alertmanager is sent alerts that end later unless it hears of them again")
    func alertmanager() throws {
        let request = try request(.alertmanager)
        #expect(request.url == "http://receiver.example/x/api/v2/alerts")
        let list = try #require(json(request))
        #expect(at(list, 0, "startsAt") as? String == "2026-01-02T03:04:05.120Z")
        #expect(at(list, 0, "endsAt") as? String == "2026-01-02T03:08:10.000Z")
        #expect(at(list, 0, "labels", "device") as? String == "tap0")
    }

    @Test("a body is signed as RFC 4231 has it")
    func signature() {
        // Test case 2.
        #expect(
            Signature.value(Array("what do ya want for nothing?".utf8), key: "Jefe")
                == "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    }

    @Test("a secret that can't be read, or would break a header, is told of without its text")
    func secrets() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("vx-secret-\(UUID())").path
        defer { unlink(file) }
        for (text, reason) in [
            ("", "empty"), ("a\nb", "more than a line"), (String(repeating: "x", count: 5_000), "longer"),
        ] {
            try Data(text.utf8).write(to: URL(fileURLWithPath: file))
            let error = #expect(throws: SecretFile.Failure.self) { try SecretFile.read(file) }
            #expect(error?.description.hasPrefix("\(file): \(reason)") == true)
        }
        let error = #expect(throws: SecretFile.Failure.self) { try SecretFile.read("/nowhere") }
        #expect(error?.description == "/nowhere: No such file or directory")
    }
}

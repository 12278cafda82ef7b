import VexportCore

/// A notification in words, for people, short enough for a phone: what, where, since when, and the evidence.
struct ChatMessage {
    enum Tone {
        case critical, warning, good
    }

    /// Alerts that are told in words; the others are counted.
    static let mostAlerts = 10
    /// Characters of one text from outside.
    private static let longestText = 300

    let title: String
    /// Marked up for the receiver, a line each.
    let lines: [String]
    let tone: Tone

    init(_ notification: AlertNotification, _ markup: Markup, mostAlerts: Int = ChatMessage.mostAlerts) {
        let firing = notification.items.filter { $0.endsAt == nil }
        let resolved = notification.items.filter { $0.endsAt != nil }
        let state: String
        if firing.isEmpty {
            state = "Resolved"
            tone = .good
        } else {
            state = "Firing"
            let isCritical = firing.contains { ["critical", "page"].contains($0.labels["severity"]) }
            tone = isCritical ? .critical : .warning
        }
        let count = notification.items.count + notification.truncated
        let name = notification.commonLabels["alertname"] ?? "alerts"
        let host = notification.commonLabels["instance"].map { " on \($0)" } ?? ""
        title = Self.short(count == 1 ? "\(state): \(name)\(host)" : "\(state): \(count) × \(name)\(host)")
        var lines = notification.commonAnnotations["summary"].map { [markup.neutral(Self.short($0))] } ?? []
        let told = (firing + resolved).prefix(mostAlerts)
        for item in told { lines += Self.lines(item, notification, markup) }
        let untold = count - told.count
        if untold > 0 { lines.append(markup.neutral("and \(untold) more")) }
        self.lines = lines
    }

    /// As many of the lines as fit into `bytes` of UTF-8, with what is left out said.
    func text(separator: String = "\n", fitting bytes: Int) -> String {
        var text = ""
        for (position, line) in lines.enumerated() {
            let next = position == 0 ? line : separator + line
            guard text.utf8.count + next.utf8.count + 16 <= bytes else { return text + separator + "…" }
            text += next
        }
        return text
    }

    private static func lines(
        _ item: AlertNotification.Item, _ notification: AlertNotification, _ markup: Markup
    ) -> [String] {
        let labels = item.labels.sorted.filter { name, value in
            notification.commonLabels[name] == nil && !["device", "owner", "alertname", "severity"].contains(name)
        }
        let device = item.labels["device"] ?? item.labels["owner"] ?? item.labels["netns"] ?? item.labels["alertname"]
        var head = markup.bold(short(device ?? "alert"))
        if item.labels["device"] != nil, let owner = item.labels["owner"] ?? item.annotations["owner"] {
            head += markup.neutral(" of \(short(owner))")
        }
        if !labels.isEmpty {
            head += markup.neutral(" (\(short(labels.map { "\($0.name)=\($0.value)" }.joined(separator: ", "))))")
        }
        let times =
            item.endsAt.map { "resolved at \($0.clockText) after \((($0 - item.startsAt)).shortText)" }
            ?? "since \(item.startsAt.clockText)"
        var lines = [head + markup.neutral(": \(times)")]
        for name in ["summary", "reason", "evidence", "remedy"] {
            guard let text = item.annotations[name],
                name != "summary" || notification.commonAnnotations["summary"] == nil
            else { continue }
            lines.append(markup.neutral(short(text)))
        }
        if item.heldBack > 0 {
            let names = item.heldBackNames.joined(separator: ", ")
            let more = item.heldBack > item.heldBackNames.count ? ", …" : ""
            lines.append(markup.neutral(short("holds back the alerts of \(item.heldBack): \(names)\(more)")))
        }
        return lines
    }

    private static func short(_ text: String) -> String {
        let line = EscapedLine.text(text)
        return line.count > longestText ? line.prefix(longestText) + "…" : line
    }
}

/// One line of what may be many.
private enum EscapedLine {
    /// Line ends become spaces; other control characters go.
    static func text(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.compactMap { scalar in
                    if scalar == "\n" || scalar == "\t" { return " " }
                    return scalar.value < 0x20 || (0x7f..<0xa0).contains(scalar.value) ? nil : scalar
                }))
    }
}

extension Duration {
    /// `3m12s`: the two largest units.
    var shortText: String {
        let seconds = Int(components.seconds)
        return switch seconds {
        case ..<60: "\(seconds)s"
        case ..<3600: "\(seconds / 60)m\(seconds % 60)s"
        case ..<86_400: "\(seconds / 3600)h\(seconds / 60 % 60)m"
        default: "\(seconds / 86_400)d\(seconds / 3600 % 24)h"
        }
    }
}

extension Timestamp {
    /// `03:04:05 UTC`, for people who are awake.
    fileprivate var clockText: String { "\(description.dropFirst(11).prefix(8)) UTC" }
}

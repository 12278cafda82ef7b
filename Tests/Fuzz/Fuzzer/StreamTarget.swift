import VexportCore

@testable import PluginHost

/// What a plugin that runs all the time prints. The input's first byte says in pieces of which size it comes, the second how
/// much time goes by after each.
enum StreamTarget: FuzzTarget {
    static func seeds() throws -> [[UInt8]] {
        try corpus("stream").flatMap { text in [[0, 0], [20, 0], [90, 2], [40, 30]].map { $0 + text } }
    }

    static func run(_ input: [UInt8]) {
        guard input.count >= 2 else { return }
        let size = input[0] == 0 ? input.count : Int(input[0])
        var host = SessionHost()
        var rest = input.dropFirst(2)
        while !rest.isEmpty {
            host.say(rest.prefix(size))
            rest = rest.dropFirst(size)
            host.pass(.milliseconds(10 * Int(input[1])))
        }
        host.end()
    }
}

/// Does what a session decides, and minds that it decides nothing that can't be done. A second session, which gets the same
/// byte by byte, must decide the same.
private struct SessionHost {
    private static let mostOutput = 4_096
    private static let rules = MetricRules(taken: ["process_open_fds"], budget: 5)

    private var whole = Self.makeSession()
    private var bytewise = Self.makeSession()
    private var now = Self.start
    private var isRunning = false
    private var isKilled = false
    /// Requests without an end.
    private var open = 0
    private var deliveries: UInt64 = 0
    private var report = PluginReport()

    private static let start = ContinuousClock.now

    private static func makeSession() -> StreamSession {
        var settings = PluginSettings(name: "p", command: ["/p"], hooks: [.collect, .enrich, .observe, .deliver])
        (settings.interval, settings.timeout, settings.mostOutput) = (.seconds(1), .milliseconds(500), mostOutput)
        settings.mode = .stream
        var id: UInt64 = 0
        return StreamSession(settings, first: start) {
            id += 1
            return id
        } links: {
            Array("[]".utf8)
        }
    }

    init() { pass(.zero) }

    mutating func say(_ bytes: ArraySlice<UInt8>) {
        let actions = whole.take(bytes, at: now)
        require(actions == bytes.flatMap { bytewise.take([$0], at: now) }, "other actions byte by byte than \(actions)")
        perform(actions)
    }

    mutating func pass(_ time: Duration) {
        now += time
        if isKilled { end() }
        if !isRunning { now = max(now, whole.deadline) }
        both { $0.pass(at: $1) }
        guard whole.isReady else { return }
        deliveries += 1
        both { [deliveries] in $0.ask(.deliver(deliveries), at: $1) { StreamLine.member("notification", []) } ?? [] }
    }

    mutating func end() {
        both { $0.end(.killed(by: 9), at: $1) }
        require(open == 0, "\(open) requests that outlived the plugin")
        (isRunning, isKilled) = (false, false)
    }

    private mutating func both(_ decide: (inout StreamSession, ContinuousClock.Instant) -> [PluginAction]) {
        let actions = decide(&whole, now)
        require(actions == decide(&bytewise, now), "another session decides otherwise than \(actions)")
        perform(actions)
    }

    private mutating func perform(_ actions: [PluginAction]) {
        for action in actions {
            switch action {
            case .start(let input, let endsInput):
                require(!isRunning && !endsInput && isLine(input), "a start of what runs, or without a line")
                isRunning = true
            case .write(let line):
                require(isRunning && !isKilled && isLine(line), "a request to nobody, or that is no line")
                open += 1
            case .kill:
                require(isRunning && !isKilled, "a kill of nobody")
                isKilled = true
            case .finish(let outcome): finish(outcome)
            case .refuse(let refusal): check(refusal.text)
            }
        }
        require(!isKilled || open == 0, "\(open) requests that a killed plugin may answer")
    }

    private mutating func finish(_ outcome: PluginOutcome) {
        if outcome.work != .run { open -= 1 }
        require(open >= 0, "an end without a request")
        switch outcome.result {
        case .failure(let failure): check(failure.description)
        case .success(let bytes):
            require(bytes.count <= Self.mostOutput, "\(bytes.count) bytes")
            guard outcome.work == .collect else { return }
            let families = report.takeMetrics(outcome, Self.rules, nil, at: Timestamp(nanoseconds: 0))
            require(families.reduce(0) { $0 + $1.samples.count } <= 5, "more series than the plugin may have")
            for news in report.takeNews() { require(isPlain(news.text), "a control character in the log") }
        }
    }

    private func isLine(_ bytes: [UInt8]) -> Bool { bytes.firstIndex(of: 0x0a) == bytes.count - 1 }

    private func check(_ text: String) {
        require(text.utf8.count <= 2_000, "a reason of \(text.utf8.count) bytes")
        require(isPlain(text), "a control character in a reason")
    }
}

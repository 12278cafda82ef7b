import VexportCore

/// A plugin whose program runs all the time and speaks the line protocol: what it is asked and when, what its answers
/// count for, and when it is started again.
struct StreamSession: PluginMode {
    private enum Phase: Equatable {
        /// Until the next start.
        case resting
        /// It was greeted, and has not answered.
        case greeted
        case ready
        /// It was killed, and its failure told; its end is still to come.
        case dying
    }

    private struct Request {
        var work: PluginWork
        var start: Instant
    }

    /// Requests in a row that it may leave without an answer.
    private static let mostMisses = 3
    /// Lines in a row that count for nothing.
    private static let mostRefusals = 100
    /// Ids of requests whose time was up that are kept, to tell late answers from others.
    private static let mostLate = 100

    private let settings: PluginSettings
    private let makeID: () -> UInt64
    private let links: () -> [UInt8]
    private var phase = Phase.resting
    private var backoff: Backoff
    private var nextStart: Instant
    private var started: Instant
    private var requests: [UInt64: Request] = [:]
    private var late: [UInt64] = []
    private var misses = 0
    private var refusals = 0
    private var line: [UInt8] = []
    /// When work that is done once an interval is due.
    private var due: [PluginWork: Instant] = [:]

    /// - Parameters:
    ///   - first: when it is started.
    ///   - makeID: makes ids for requests, which no other plugin has.
    ///   - links: what a plugin with labels for links is asked about: a list, in JSON.
    init(
        _ settings: PluginSettings, first: Instant, makeID: @escaping () -> UInt64,
        links: @escaping () -> [UInt8] = { [] }
    ) {
        self.settings = settings
        self.makeID = makeID
        self.links = links
        backoff = settings.backoff
        (nextStart, started) = (first, first)
    }

    var deadline: Instant {
        switch phase {
        case .resting: nextStart
        case .greeted: started + settings.timeout
        case .ready: (requests.values.map { $0.start + settings.timeout } + idleWork.map(\.value)).min() ?? .farFuture
        case .dying: .farFuture
        }
    }

    /// What it is asked once an interval, and is not being asked now.
    private var idleWork: [PluginWork: Instant] {
        due.filter { entry in !requests.values.contains { $0.work == entry.key } }
    }

    // MARK: - Time

    mutating func pass(at now: Instant) -> [PluginAction] {
        switch phase {
        case .resting:
            guard now >= nextStart else { return [] }
            (phase, started) = (.greeted, now)
            return [.start(input: StreamLine.hello(settings), endsInput: false)]
        case .greeted:
            return now < deadline ? [] : kill("said no hello in \(settings.timeout.seconds) s", at: now)
        case .ready:
            let expired = expire(at: now)
            return phase == .ready ? expired + askWhatIsDue(at: now) : expired
        case .dying: return []
        }
    }

    private mutating func expire(at now: Instant) -> [PluginAction] {
        var actions: [PluginAction] = []
        for (id, request) in requests.sorted(by: { $0.key < $1.key }) where now >= request.start + settings.timeout {
            requests[id] = nil
            late = late.suffix(Self.mostLate - 1) + [id]
            misses += 1
            let failure = PluginFailure("took longer than \(settings.timeout.seconds) s")
            actions.append(finish(request, .failure(failure), at: now))
        }
        guard misses < Self.mostMisses else {
            return actions + kill("left \(Self.mostMisses) requests in a row without an answer", at: now)
        }
        return actions
    }

    private mutating func askWhatIsDue(at now: Instant) -> [PluginAction] {
        idleWork.filter { now >= $0.value }.sorted { $0.key.name < $1.key.name }.map { work, time in
            var time = time
            // What would have been asked while the last request took its time is left out.
            while time <= now { time += settings.interval }
            due[work] = time
            return request(work, work == .enrich ? StreamLine.member("links", links()) : [], at: now)
        }
    }

    private mutating func request(_ work: PluginWork, _ content: [UInt8], at now: Instant) -> PluginAction {
        let id = makeID()
        requests[id] = Request(work: work, start: now)
        return .write(StreamLine.request(work.name, id: id, timeout: settings.timeout, content))
    }

    var isReady: Bool { phase == .ready }

    mutating func ask(_ work: PluginWork, at now: Instant, _ content: () -> [UInt8]) -> [PluginAction]? {
        guard isReady, !requests.values.contains(where: { $0.work == work }) else { return nil }
        return [request(work, content(), at: now)]
    }

    // MARK: - What the process does

    mutating func take(_ bytes: ArraySlice<UInt8>, at now: Instant) -> [PluginAction] {
        var actions: [PluginAction] = []
        var rest = bytes
        while phase == .greeted || phase == .ready {
            let end = rest.firstIndex(of: UInt8(ascii: "\n"))
            line += rest[..<(end ?? rest.endIndex)]
            guard line.count <= settings.mostOutput else {
                return actions + kill("printed a line of more than \(settings.mostOutput) bytes", at: now)
            }
            guard let end else { return actions }
            rest = rest[(end + 1)...]
            actions += takeLine(at: now)
            line.removeAll(keepingCapacity: line.count < 64 << 10)
        }
        return actions
    }

    private mutating func takeLine(at now: Instant) -> [PluginAction] {
        guard let message = PluginLine(line) else {
            return refuse(.line, "no line of the protocol: \(EscapedText(line.prefix(200)))", at: now)
        }
        switch (message.type, phase) {
        case (.hello, .greeted): return takeHello(message, at: now)
        case (.error, .greeted): return kill(Self.reason(message), at: now)
        case (.result, .ready), (.error, .ready):
            guard let id = message.id, let request = requests.removeValue(forKey: id) else {
                if late.contains(message.id ?? 0) { return refuse(.late, "an answer after its time", at: now) }
                return refuse(.unknownID, "an answer to a request that was never its own", at: now)
            }
            (misses, refusals) = (0, 0)
            return [finish(request, result(message, request.work), at: now)]
        case (.hello, _), (.result, _), (.error, _):
            return refuse(.line, "\(message.type.rawValue) out of turn", at: now)
        }
    }

    private mutating func takeHello(_ message: PluginLine, at now: Instant) -> [PluginAction] {
        guard message.version == StreamLine.version else {
            let version = message.version.map(String.init) ?? "none"
            return kill("speaks version \(version) of the protocol; vexport speaks \(StreamLine.version)", at: now)
        }
        if let hooks = message.hooks, let missing = settings.hooks.first(where: { !hooks.contains($0.rawValue) }) {
            return kill("does not have the hook '\(missing.rawValue)' that the configuration names", at: now)
        }
        phase = .ready
        due = Dictionary(uniqueKeysWithValues: settings.hooks.compactMap(\.work).map { ($0, now) })
        return [finish(Request(work: .run, start: started), .success([]), at: now)]
    }

    private func result(_ message: PluginLine, _ work: PluginWork) -> Result<[UInt8], PluginFailure> {
        guard message.type == .result else {
            return .failure(PluginFailure(Self.reason(message)))
        }
        switch work {
        case .collect:
            guard let text = message.text else { return .failure(PluginFailure("answered without 'text'")) }
            return .success(Array(text.utf8))
        case .enrich: return .success(line)
        case .deliver, .run: return .success([])
        }
    }

    private static func reason(_ message: PluginLine) -> String {
        // Bytes: one character can have any number of them.
        let start = (message.error ?? "no reason").utf8.prefix(300)
        return "answered with an error: \(EscapedText(escaped: String(decoding: start, as: UTF8.self)))"
    }

    mutating func endInput(at now: Instant) -> [PluginAction] {
        phase == .dying ? [] : kill("closed its standard input", at: now)
    }

    mutating func end(_ end: PluginEnd, at now: Instant) -> [PluginAction] {
        let actions = phase == .dying ? [] : giveUp(PluginFailure("\(end)"), at: now)
        rest(at: now)
        return actions
    }

    mutating func fail(_ failure: PluginFailure, at now: Instant) -> [PluginAction] {
        let actions = giveUp(failure, at: now)
        rest(at: now)
        return actions
    }

    // MARK: - Ends

    private mutating func rest(at now: Instant) {
        phase = .resting
        nextStart = now + backoff.wait(ran: now - started)
        (line, late, due, misses, refusals) = ([], [], [:], 0, 0)
    }

    private mutating func kill(_ reason: String, at now: Instant) -> [PluginAction] {
        phase = .dying
        return [.kill] + giveUp(PluginFailure(reason), at: now)
    }

    /// Nothing that it was asked will be answered any more.
    private mutating func giveUp(_ failure: PluginFailure, at now: Instant) -> [PluginAction] {
        let open = requests.sorted { $0.key < $1.key }.map(\.value) + [Request(work: .run, start: started)]
        requests = [:]
        return open.map { finish($0, .failure(failure), at: now) }
    }

    private mutating func refuse(
        _ reason: PluginRefusal.Reason, _ text: String, at now: Instant
    ) -> [PluginAction] {
        refusals += 1
        let action = PluginAction.refuse(PluginRefusal(reason: reason, text: text))
        guard refusals >= Self.mostRefusals else { return [action] }
        return [action] + kill("printed \(refusals) lines in a row that count for nothing", at: now)
    }

    private func finish(
        _ request: Request, _ result: Result<[UInt8], PluginFailure>, at now: Instant
    ) -> PluginAction {
        .finish(PluginOutcome(work: request.work, took: now - request.start, result: result))
    }
}

extension PluginHook {
    /// What a plugin with this hook is asked once an interval.
    var work: PluginWork? {
        switch self {
        case .collect: .collect
        case .enrich: .enrich
        case .observe, .deliver: nil
        }
    }
}

extension ContinuousClock.Instant {
    /// For what has no deadline: something else will happen before.
    static var farFuture: Self { .now + .seconds(3600) }
}

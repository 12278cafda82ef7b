import Glibc
import Logging
import VexportCore

/// What a plugin's runner has to tell.
enum PluginNews {
    case outcome(PluginOutcome)
    case refusal(PluginRefusal)
}

/// Runs one plugin: does what its mode decides. Used on the host's thread only.
final class PluginRunner {
    typealias Instant = ContinuousClock.Instant

    let settings: PluginSettings
    private var mode: any PluginMode
    private(set) var process: PluginProcess?
    /// What waits until the process reads.
    private var pending: ArraySlice<UInt8> = []
    private var endsInput = false
    private var stderr = LineSplitter(longest: 1_024)
    /// When a process that was asked to end is killed.
    private var graceEnd: Instant?
    private let logger: Logger
    private let report: (PluginNews) -> Void
    private(set) var starts: UInt64 = 0

    /// - Parameter report: takes what comes of the plugin's work.
    init(
        _ settings: PluginSettings, _ mode: any PluginMode, logger: Logger, report: @escaping (PluginNews) -> Void
    ) {
        self.settings = settings
        self.mode = mode
        self.logger = logger
        self.report = report
    }

    var deadline: Instant { graceEnd ?? mode.deadline }
    /// What may come of the process.
    var sources: [WakeUp.Source] {
        guard let process else { return [] }
        var result = [process.pidfd, process.output, process.errors].compactMap(\.self).map {
            WakeUp.Source.readable($0)
        }
        if !pending.isEmpty, let input = process.input { result.append(.writable(input)) }
        return result
    }

    /// Whether it may be told something: it is ready, and has read what it was told before.
    var hasRoom: Bool { graceEnd == nil && mode.isReady && pending.isEmpty }

    /// Tells it something that it need not answer.
    func tell(_ line: [UInt8], at now: Instant) { perform([.write(line)], at: now) }

    /// Has work done now. See `PluginMode.ask`.
    ///
    /// - Returns: false when that can't be.
    func ask(_ work: PluginWork, at now: Instant, _ content: () -> [UInt8]) -> Bool {
        guard graceEnd == nil, let actions = mode.ask(work, at: now, content) else { return false }
        perform(actions, at: now)
        return true
    }

    /// Does all that can be done now.
    func work(at now: Instant) {
        readErrors()
        readOutput(at: now)
        writeInput(at: now)
        if let process, let end = process.reap() {
            // What it left in its group and in its pipes.
            process.signal(SIGKILL)
            readErrors()
            readOutput(at: now)
            self.process = nil
            pending = []
            perform(mode.end(end, at: now), at: now)
        }
        if let graceEnd {
            if now >= graceEnd {
                process?.signal(SIGKILL)
                self.graceEnd = now + .seconds(3600)
            }
        } else {
            perform(mode.pass(at: now), at: now)
        }
    }

    /// Asks the process to end: closes its input and sends SIGTERM, and SIGKILL a little later.
    func stop(at now: Instant, grace: Duration) {
        graceEnd = now + grace
        process?.closeInput()
        process?.signal(SIGTERM)
    }

    private func perform(_ actions: [PluginAction], at now: Instant) {
        for action in actions {
            switch action {
            case .start(let input, let endsInput):
                do throws(PluginFailure) {
                    process = try PluginProcess(settings)
                    starts += 1
                    (pending, self.endsInput) = (input[...], endsInput)
                    writeInput(at: now)
                } catch { perform(mode.fail(error, at: now), at: now) }
            case .kill: process?.signal(SIGKILL)
            case .write(let bytes):
                pending += bytes
                writeInput(at: now)
            case .finish(let outcome): report(.outcome(outcome))
            case .refuse(let refusal): report(.refusal(refusal))
            }
        }
    }

    private func writeInput(at now: Instant) {
        while !pending.isEmpty {
            guard let count = process?.write(pending) else {
                process?.closeInput()
                pending = []
                return perform(mode.endInput(at: now), at: now)
            }
            guard count > 0 else { return }
            pending = pending.dropFirst(count)
        }
        if endsInput { process?.closeInput() }
    }

    /// Pieces that are read before others have their turn.
    private static let mostPieces = 16

    private func readOutput(at now: Instant) {
        for _ in 0..<Self.mostPieces {
            guard let process, let bytes = process.read(.output) else { return }
            perform(mode.take(bytes[...], at: now), at: now)
        }
    }

    private func readErrors() {
        for _ in 0..<Self.mostPieces {
            guard let process, let bytes = process.read(.errors) else { return }
            for line in stderr.split(bytes) {
                // The log limits each place for itself.
                logger.warning(
                    "\(EscapedText(line))", metadata: ["plugin": "\(settings.name)"], file: "plugin \(settings.name)",
                    line: 1)
            }
        }
    }
}

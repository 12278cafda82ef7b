import Glibc
import Logging
import VexportCore

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
    private let finish: (PluginOutcome) -> Void
    private(set) var starts: UInt64 = 0

    /// - Parameter finish: takes what comes of the plugin's work.
    init(
        _ settings: PluginSettings, _ mode: any PluginMode, logger: Logger, finish: @escaping (PluginOutcome) -> Void
    ) {
        self.settings = settings
        self.mode = mode
        self.logger = logger
        self.finish = finish
    }

    var deadline: Instant { graceEnd ?? mode.deadline }
    /// Descriptors to wait for, with what may come.
    var waitsFor: [(descriptor: Int32, events: Int32)] {
        guard let process else { return [] }
        var result = [process.pidfd, process.output, process.errors].compactMap(\.self).map { ($0, POLLIN) }
        if !pending.isEmpty, let input = process.input { result.append((input, POLLOUT)) }
        return result
    }

    /// Does all that can be done now.
    func work(at now: Instant) {
        readErrors()
        readOutput(at: now)
        writeInput()
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
                    writeInput()
                } catch { perform(mode.fail(error, at: now), at: now) }
            case .kill: process?.signal(SIGKILL)
            case .finish(let outcome): finish(outcome)
            }
        }
    }

    private func writeInput() {
        while !pending.isEmpty {
            // Who does not read what it is told says so by what it answers.
            guard let count = process?.write(pending) else {
                process?.closeInput()
                return pending = []
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

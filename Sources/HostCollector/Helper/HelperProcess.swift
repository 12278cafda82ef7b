internal import CHost
import Glibc
import VexportCore

/// The process that looks at other processes, so that the one that talks to the network needs no right to.
///
/// Two of it run: one works, and one waits to take its place, since only a process that has the rights can start one that
/// has them. When one ends, whichever it is, the other starts a new second.
public struct HelperProcess {
    /// Where the daemon is: standard input.
    private static let daemon = PacketSocket(descriptor: STDIN_FILENO)

    private var generation: UInt32 = 0
    private var backoff = Backoff(first: .milliseconds(100), longest: .seconds(30))
    private let daemonPID: pid_t
    private var memory: Memory

    /// What a helper knows from its work so far. One that takes another's place begins anew.
    private struct Memory {
        var sweep: Sweep
        var told: Owners?
        var saidHello = false

        init(ignoring processes: Set<pid_t>) {
            sweep = Sweep(ignoring: processes)
        }
    }

    private init() {
        daemonPID = getppid()
        memory = Memory(ignoring: [getpid(), daemonPID])
    }

    /// Works until the daemon ends. For a process with one thread, started by `HelperLauncher`.
    ///
    /// - Returns: the exit status.
    public static func run() -> Int32 {
        signal(SIGPIPE, SIG_IGN)
        // Nobody waits for the processes that this one starts.
        signal(SIGCHLD, SIG_IGN)
        // What a terminal or a service manager sends to all is the daemon's business: its end is this one's.
        signal(SIGINT, SIG_IGN)
        signal(SIGTERM, SIG_IGN)
        closeInherited()
        do throws(SystemCallError) {
            try Capabilities.helper.keepOnly()
            let code = host_no_new_privileges()
            guard code == 0 else { throw SystemCallError("PR_SET_NO_NEW_PRIVS", code) }
            var helper = HelperProcess()
            return helper.workInTurns()
        } catch {
            let text = Array("vexport host-helper: \(error)\n".utf8)
            _ = unsafe text.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
            return 3
        }
    }

    /// All but standard input and error.
    private static func closeInherited() {
        close(STDOUT_FILENO)
        for (descriptor, _) in ProcFS().numbers(in: "self/fd") where descriptor > STDERR_FILENO { close(descriptor) }
    }

    // MARK: - Taking turns

    private mutating func workInTurns() -> Int32 {
        var began = ContinuousClock.now
        while true {
            switch startSecond() {
            case .first(let second):
                guard !work(until: second) else { return 0 }
            case .second(let first):
                guard wait(for: first) else { return 0 }
                guard !daemonEnds(within: backoff.wait(ran: ContinuousClock.now - began)) else { return 0 }
                began = .now
                generation += 1
                memory = Memory(ignoring: [getpid(), daemonPID])
            case .failed:
                // No memory, or no room for processes: better alone than not at all.
                _ = work(until: nil)
                return 0
            }
        }
    }

    private enum Role {
        case first(PacketSocket)
        case second(PacketSocket)
        case failed
    }

    /// Forks. The two hold the ends of a pair, by which one learns of the other's end.
    private func startSecond() -> Role {
        guard let (mine, its) = try? PacketSocket.pair() else { return .failed }
        switch host_fork() {
        case -1:
            mine.close()
            its.close()
            return .failed
        case 0:
            mine.close()
            return .second(its)
        default:
            its.close()
            return .first(mine)
        }
    }

    /// Waits as the second.
    ///
    /// - Returns: true when the first has ended, false when the daemon has.
    private func wait(for first: PacketSocket) -> Bool {
        defer { first.close() }
        while true {
            var polled = [
                pollfd(fd: first.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: Self.daemon.descriptor, events: 0, revents: 0),
            ]
            guard unsafe poll(&polled, 2, -1) > 0 else { continue }
            if polled[1].revents & Int16(POLLHUP | POLLERR) != 0 { return false }
            if polled[0].revents != 0 { return true }
        }
    }

    private func daemonEnds(within delay: Duration) -> Bool {
        var polled = [pollfd(fd: Self.daemon.descriptor, events: 0, revents: 0)]
        return unsafe poll(&polled, 1, Int32(delay.seconds * 1000)) > 0
    }

    // MARK: - Work

    /// Answers the daemon.
    ///
    /// - Returns: true when the daemon has ended, false when the second helper has.
    private mutating func work(until second: PacketSocket?) -> Bool {
        defer { second?.close() }
        if !memory.saidHello {
            guard Self.daemon.send(HelperMessage.hello(hello()).encode()) else { return true }
            memory.saidHello = true
        }
        while true {
            var polled = [pollfd(fd: Self.daemon.descriptor, events: Int16(POLLIN), revents: 0)]
            if let second { polled.append(pollfd(fd: second.descriptor, events: Int16(POLLIN), revents: 0)) }
            guard unsafe poll(&polled, nfds_t(polled.count), -1) > 0 else { continue }
            if polled[0].revents != 0 {
                guard let (packet, passed) = Self.daemon.receive(limit: HelperRequest.largest), passed == nil,
                    let request = try? HelperRequest(decoding: packet), answer(request)
                else { return true }
            }
            if polled.count > 1, polled[1].revents != 0 { return false }
        }
    }

    private func hello() -> HelperMessage.Hello {
        HelperMessage.Hello(
            generation: generation, pid: getpid(), seesAll: Capabilities.seeAll, own: ProcFS().namespace("self/ns/net"))
    }

    /// - Returns: false when the daemon has ended.
    private mutating func answer(_ request: HelperRequest) -> Bool {
        switch request {
        case .sweep(let scope): return sweep(scope)
        case .look(let questions, let number):
            return send(ProcessSearch.answer(questions).packets(number: number))
        case .open(let namespace, let thread, let number):
            let file = ProcFS().open(namespace, of: thread)
            // An open one keeps its namespace alive.
            defer { if let file { close(file) } }
            return Self.daemon.send(HelperMessage.opened(number: number).encode(), passing: file)
        }
    }

    private mutating func sweep(_ scope: Sweep.Scope) -> Bool {
        let (began, used) = (ContinuousClock.now, threadProcessorTime())
        let owners = memory.sweep.run(scope, at: began)
        let report = HelperMessage.Report(
            isNew: memory.told != owners, scope: scope, statistics: memory.sweep.statistics,
            duration: .now - began, processorTime: threadProcessorTime() - used)
        if report.isNew {
            guard send(owners.packets) else { return false }
            memory.told = owners
        }
        return send([.swept(report)])
    }

    private func send(_ messages: [HelperMessage]) -> Bool {
        messages.allSatisfy { Self.daemon.send($0.encode()) }
    }
}

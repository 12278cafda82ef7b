import Synchronization

/// Notices on their way out: posted under locks and on the way of a tick, delivered by threads that may take their time.
/// What fails again and again is told once, until it succeeds.
final class NoticeBoard: Sendable {
    enum Subject: Hashable {
        case logs
        case blocks
    }

    private let state = Mutex(State())
    private let notify: @Sendable (RingNotice) -> Void

    private struct State {
        var pending: [RingNotice] = []
        var failing: Set<Subject> = []
    }

    init(_ notify: @escaping @Sendable (RingNotice) -> Void) {
        self.notify = notify
    }

    var isPending: Bool { state.withLock { !$0.pending.isEmpty } }

    func post(_ kind: RingNotice.Kind, _ text: String) {
        state.withLock { $0.pending.append(RingNotice(kind: kind, description: text)) }
    }

    func fails(_ subject: Subject, _ text: @autoclosure () -> String) {
        state.withLock { state in
            guard state.failing.insert(subject).inserted else { return }
            state.pending.append(RingNotice(kind: .degraded, description: text()))
        }
    }

    func succeeds(_ subject: Subject, _ text: @autoclosure () -> String) {
        state.withLock { state in
            guard state.failing.remove(subject) != nil else { return }
            state.pending.append(RingNotice(kind: .restored, description: text()))
        }
    }

    func deliver() {
        let notices = state.withLock { state in
            defer { state.pending = [] }
            return state.pending
        }
        for notice in notices { notify(notice) }
    }
}

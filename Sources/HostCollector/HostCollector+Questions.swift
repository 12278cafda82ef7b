internal import Dispatch
import Glibc
public import VexportCore

/// What others have the helper look at, since they may not. Each waits for the answer, though not for ever.
extension HostCollector {
    private static let patience = DispatchTimeInterval.seconds(3)

    /// In which namespaces processes live, with a thread for each, by a look that begins after the call. Waits for that,
    /// some milliseconds as a rule.
    ///
    /// - Returns: nil when there is no helper any more.
    public func inhabitants() -> [NamespaceFile: Int32]? {
        let waiter = DispatchSemaphore(value: 0)
        let isWorthWaiting = state.withLock { state in
            guard !state.hasEnded, !state.isStopping else { return false }
            state.waiting.append(waiter)
            return true
        }
        if isWorthWaiting {
            wakeUp.signal()
            _ = waiter.wait(timeout: .now() + Self.patience)
        }
        return state.withLock { $0.hasEnded ? nil : $0.inhabitants }
    }

    /// Opens the namespace that a thread lives in.
    ///
    /// - Returns: a descriptor, which is the caller's to close soon, as it keeps the namespace alive; nil when the thread
    ///   lives in another one or has ended, or the helper may not look at it.
    public func open(_ namespace: NamespaceFile, of thread: Int32) -> Int32? {
        let answer = ask { .open(namespace, thread: thread, number: $0) }
        if case .namespace(let descriptor) = answer { return descriptor }
        return nil
    }

    /// Answers what the diagnosis asks of /proc. What the helper does not answer stays unknown.
    public func answer(_ request: FactRequest, _ answer: inout FactAnswer) {
        let questions = ProcessQuestions(request)
        guard !questions.isEmpty, case .processes(let answers) = ask({ .look(questions, number: $0) }) else { return }
        answers.fill(&answer, request)
    }

    private func ask(_ request: (UInt32) -> HelperRequest) -> OpenQuestions.Answer? {
        let waiter = DispatchSemaphore(value: 0)
        let number: UInt32? = state.withLock { state in
            guard !state.hasEnded, !state.isStopping else { return nil }
            return state.questions.add(waiter)
        }
        guard let number else { return nil }
        if connection.socket.send(request(number).encode()) { _ = waiter.wait(timeout: .now() + Self.patience) }
        return state.withLock { $0.questions.take(number) }
    }
}

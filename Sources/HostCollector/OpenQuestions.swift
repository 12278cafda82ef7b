internal import Dispatch
import Glibc

/// Questions that the helper has not answered yet, and who waits for the answers.
struct OpenQuestions {
    enum Answer {
        case processes(ProcessAnswers)
        /// An open namespace; nil when it could not be opened.
        case namespace(Int32?)
    }

    private var last: UInt32 = 0
    private var waiters: [UInt32: DispatchSemaphore] = [:]
    private var answers: [UInt32: Answer] = [:]

    /// - Returns: the question's number.
    mutating func add(_ waiter: DispatchSemaphore) -> UInt32 {
        last &+= 1
        waiters[last] = waiter
        return last
    }

    mutating func answer(_ number: UInt32, _ answer: Answer) {
        guard let waiter = waiters.removeValue(forKey: number) else {
            // Whoever asked has given up, and will not close it.
            if case .namespace(let descriptor?) = answer { close(descriptor) }
            return
        }
        answers[number] = answer
        waiter.signal()
    }

    /// The answer, or nil when none came: then none is waited for any more.
    mutating func take(_ number: UInt32) -> Answer? {
        waiters[number] = nil
        return answers.removeValue(forKey: number)
    }

    /// The helper that was asked has ended.
    mutating func giveUp() {
        for waiter in waiters.values { waiter.signal() }
        waiters = [:]
    }
}

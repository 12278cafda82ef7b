import CTestSupport
import Foundation
import Synchronization

/// Clients that scrape a server without a pause, each on a connection of its own, and time the answers.
public final class Scrapers: Sendable {
    private struct State {
        var isStopping = false
        var seconds: [Double] = []
        var failures: [String] = []
    }

    private let state = Mutex(State())
    private let ended = DispatchGroup()

    /// - Parameter pause: between an answer and the next request, in microseconds.
    public init(_ count: Int, in namespace: Namespace, port: Int, pause: UInt32 = 20_000) throws {
        for _ in 0..<count {
            ended.enter()
            Thread { [self] in
                defer { ended.leave() }
                do {
                    guard enter_network_namespace("/run/netns/\(namespace.name)") == 0 else {
                        throw Command.Failure(description: "setns \(namespace.name): errno \(errno)")
                    }
                    let connection = try Connection(port: port)
                    while !state.withLock({ $0.isStopping }) {
                        let start = ContinuousClock.now
                        try connection.scrape()
                        let seconds = (ContinuousClock.now - start) / .seconds(1)
                        state.withLock { $0.seconds.append(seconds) }
                        usleep(pause)
                    }
                } catch { state.withLock { $0.failures.append("\(error)") } }
            }.start()
        }
    }

    /// Answers so far.
    public var count: Int { state.withLock { $0.seconds.count } }

    /// Ends them.
    ///
    /// - Throws: when one of them got no answer, or another than a page.
    public func stop() throws -> Latencies {
        state.withLock { $0.isStopping = true }
        ended.wait()
        let (seconds, failures) = state.withLock { ($0.seconds, $0.failures) }
        guard failures.isEmpty, !seconds.isEmpty else {
            throw Command.Failure(description: "scrapes failed: \(failures)")
        }
        return Latencies(seconds)
    }
}

/// How long answers took, in seconds.
public struct Latencies: CustomStringConvertible {
    private let sorted: [Double]

    /// - Precondition: there is at least one.
    public init(_ seconds: [Double]) {
        sorted = seconds.sorted()
    }

    public var median: Double { sorted[sorted.count / 2] }
    public var p99: Double { sorted[min(sorted.count - 1, sorted.count * 99 / 100)] }
    public var worst: Double { sorted.last! }

    public var description: String {
        func milliseconds(_ seconds: Double) -> String { String(format: "%.0f ms", seconds * 1000) }
        return "\(sorted.count) scrapes, median \(milliseconds(median)), p99 \(milliseconds(p99)), "
            + "worst \(milliseconds(worst))"
    }
}

extension Connection {
    /// Asks for /metrics and reads the answer away: a page may have many megabytes.
    fileprivate func scrape() throws {
        send("GET /metrics HTTP/1.1\r\nHost: test\r\n\r\n")
        var tail: [UInt8] = []
        var isFirst = true
        repeat {
            guard let next = receive(256 << 10), !next.isEmpty else {
                throw Command.Failure(description: "no answer, or no whole one")
            }
            if isFirst, !next.starts(with: Array("HTTP/1.1 200 ".utf8)) {
                throw Command.Failure(description: String(decoding: next.prefix(100), as: UTF8.self))
            }
            isFirst = false
            tail = (tail + next.suffix(7)).suffix(7)
        } while tail != Array("\r\n0\r\n\r\n".utf8)
    }
}

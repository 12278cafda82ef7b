import Testing
import VexportCore

@Suite struct BackoffTests {
    @Test("what ends over and over is started ever later, what did its work at once")
    func waits() {
        var backoff = Backoff(first: .milliseconds(100), longest: .seconds(30))
        #expect((0..<4).map { _ in backoff.wait(ran: .zero) } == [100, 200, 400, 800].map { .milliseconds($0) })
        for _ in 0..<100 { _ = backoff.wait(ran: .zero) }
        #expect(backoff.wait(ran: .seconds(30)) == .seconds(30))
        #expect(backoff.wait(ran: .seconds(31)) == .milliseconds(100))
        #expect(backoff.wait(ran: .zero) == .milliseconds(200))
    }
}

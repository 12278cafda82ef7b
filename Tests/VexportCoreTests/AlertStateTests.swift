import Testing
import VexportCore

struct AlertStateTests {
    private func time(_ seconds: Int) -> Timestamp { Timestamp(nanoseconds: Int64(seconds) * 1_000_000_000) }

    @Test("an alert fires when its condition has held long enough, and not before")
    func hold() {
        var state = AlertState(activeSince: time(0))
        #expect(state.step(at: time(59), hold: .seconds(60), keepFiring: .zero) == nil && state.phase == .pending)
        #expect(state.deadline(hold: .seconds(60), keepFiring: .zero) == time(60))
        #expect(state.step(at: time(60), hold: .seconds(60), keepFiring: .zero) == .fired)
        #expect(state.firedAt == time(60) && state.deadline(hold: .seconds(60), keepFiring: .zero) == nil)
    }

    @Test("what ends while it is pending is dropped without a word")
    func dropped() {
        var state = AlertState(activeSince: time(0))
        state.end(at: time(30))
        #expect(state.step(at: time(90), hold: .seconds(60), keepFiring: .zero) == .dropped)
    }

    @Test("a condition that lasted long enough has fired, even if it is over when somebody looks")
    func lateLook() {
        var state = AlertState(activeSince: time(0))
        state.end(at: time(61))
        #expect(state.step(at: time(90), hold: .seconds(60), keepFiring: .zero) == .fired)
        #expect(state.step(at: time(90), hold: .seconds(60), keepFiring: .zero) == .resolved)
    }

    @Test("keep_firing_for bridges gaps, counted from the last end")
    func keepFiring() {
        var state = AlertState(activeSince: time(0))
        #expect(state.step(at: time(0), hold: .zero, keepFiring: .seconds(30)) == .fired)
        state.end(at: time(10))
        #expect(state.step(at: time(39), hold: .zero, keepFiring: .seconds(30)) == nil)
        state.raise()
        #expect(state.step(at: time(60), hold: .zero, keepFiring: .seconds(30)) == nil && state.phase == .firing)
        state.end(at: time(70))
        state.end(at: time(90))
        #expect(state.step(at: time(100), hold: .zero, keepFiring: .seconds(30)) == .resolved)
        #expect(state.resolvedAt == time(100))
    }
}

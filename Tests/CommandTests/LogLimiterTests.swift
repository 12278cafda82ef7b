import Testing

@testable import vexport

@Suite struct LogLimiterTests {
    let start = ContinuousClock.now
    let place = LogLimiter.Place(file: "a", line: 1)

    @Test("a place writes twenty lines at once, then one a second that says how many were left out")
    func flood() {
        var limiter = LogLimiter()
        var admitted: [Int] = []
        for step in 0..<13 {
            for _ in 0..<10 {
                guard let leftOut = limiter.admit(place, at: start + .milliseconds(step * 250)) else { continue }
                admitted.append(leftOut)
            }
        }
        #expect(admitted == Array(repeating: 0, count: 20) + [20, 39, 39])
    }

    @Test("other places are not held back, and rest restores the allowance but not more")
    func others() {
        var limiter = LogLimiter()
        for _ in 0..<50 { _ = limiter.admit(place, at: start) }
        #expect(limiter.admit(.init(file: "a", line: 2), at: start) == 0)
        #expect(limiter.admit(.init(file: "b", line: 1), at: start) == 0)
        let later = start + .seconds(3600)
        let admitted = (0..<50).compactMap { _ in limiter.admit(place, at: later) }
        #expect(admitted == [30] + Array(repeating: 0, count: 19))
    }
}

import Foundation
import TestSupport
import Testing

@testable import VexportCore

@Suite struct TimestampTests {
    @Test("any time that fits reads as Foundation's calendar has it")
    func dates() {
        let seed: UInt64 = 20_261_127
        var random = SeededGenerator(seed: seed)
        let formatter = ISO8601DateFormatter()
        let seconds: [Int64] = [0, -1, 951_782_399, 951_782_400, 4_107_542_399, 4_107_542_400, 1_795_496_005]
        for second in seconds
            + (0..<5_000).map({ _ in Int64.random(in: -9_000_000_000...9_000_000_000, using: &random) })
        {
            let expected = formatter.string(from: Date(timeIntervalSince1970: Double(second))).dropLast()
            #expect(
                "\(Timestamp(nanoseconds: second * 1_000_000_000 + 7_000_000))" == "\(expected).007Z", "seed \(seed)")
        }
    }

    @Test("the ends of the range, and fractions before 1970, do not trap")
    func ends() {
        #expect("\(Timestamp(nanoseconds: .min))" == "1677-09-21T00:12:43.145Z")
        #expect("\(Timestamp(nanoseconds: .max))" == "2262-04-11T23:47:16.854Z")
        #expect("\(Timestamp(nanoseconds: -1))" == "1969-12-31T23:59:59.999Z")
    }
}

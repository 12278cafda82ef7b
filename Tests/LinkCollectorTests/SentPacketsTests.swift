import Testing
import VexportCore

@testable import LinkCollector

/// Whether namespaces send, told by two looks.
@Suite struct SentPacketsTests {
    @Test("a namespace's count is known at the next look whatever was asked about meanwhile, and not for ever")
    func memory() {
        let sent = SentPackets()
        let (one, two) = (NamespaceID(number: 1), NamespaceID(number: 2))
        let start = ContinuousClock.now
        #expect(sent.update(one, 5, at: start) == nil)
        #expect(sent.update(two, 9, at: start + .seconds(15)) == nil)
        #expect(sent.update(one, 6, at: start + .seconds(30)) == 5)
        #expect(sent.update(two, 9, at: start + .seconds(45)) == 9)
        #expect(sent.update(one, 7, at: start + .seconds(700)) == nil)
    }
}

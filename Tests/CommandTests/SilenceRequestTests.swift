import Testing
import VexportCore

@testable import vexport

struct SilenceRequestTests {
    private func fault(_ matchers: [String] = ["device=vnet1"], _ duration: String = "1h30m") -> String? {
        let request = SilenceRequest(matchers: matchers, duration: duration, comment: "", createdBy: "")
        do throws(SilenceRequest.Fault) { _ = try request.terms() } catch { return "\(error)" }
        return nil
    }

    @Test("what is no duration is told with examples of some", arguments: ["90", "", "0s", "1x"])
    func duration(text: String) {
        #expect(fault(["device=vnet1"], text) == "no duration: \(text); expected one such as 30m or 1h30m")
    }

    @Test("what is no matcher is told with examples of each kind, and those are taken")
    func matchers() throws {
        let text = try #require(fault(["device~vnet1"]))
        #expect(text.hasPrefix("no matcher: device~vnet1; expected one such as "))
        let examples = text.split(separator: " ").map(String.init).filter { $0.hasPrefix("device") }.dropFirst()
            .map { $0.hasSuffix(",") ? String($0.dropLast()) : $0 }
        #expect(examples == ["device=vnet1", "device!=vnet1", "device=~vnet.*", "device!~vnet.*"])
        #expect(fault(examples) == nil)
    }
}

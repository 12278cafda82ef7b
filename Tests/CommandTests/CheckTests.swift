import Foundation
import TestSupport
import Testing
import VexportCore

@testable import vexport

/// `vexport check`: what it says, and what it advises.
struct CheckTests {
    @Test("what is said begins in one column, however long names are")
    func columns() {
        let features = [
            Feature("links", .works(facts: "12")), Feature("plugin my-python", .works(facts: "2 series")),
            Feature("events there", .works(facts: "")),
            Feature("plugin b", .missing(reason: "it failed", cost: "little", remedy: "patience")),
        ]
        #expect(
            Check.text(features) == """
                ok       links             12
                ok       plugin my-python  2 series
                ok       events there
                MISSING  plugin b          it failed
                    costs: little
                    needs: patience

                """)
    }
}

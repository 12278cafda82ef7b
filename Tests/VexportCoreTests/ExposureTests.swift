import Testing

@testable import VexportCore

struct ExposureTests {
    @Test(
        "a pattern's star is any text, its question mark any character",
        arguments: [
            ("tap*", "tap0", true), ("tap*", "tap", true), ("tap*", "atap", false), ("*", "", true), ("", "", true),
            ("?", "", false), ("v?th*0", "veth10", true), ("v?th*0", "veth1", false), ("*a*b*", "xxaxxbxx", true),
            ("*a*b*", "xxbxxaxx", false), ("a", "A", false), ("caf?", "café", true),
            ("*a*a*a*a*a*a*a*a*b", String(repeating: "a", count: 200), false),
        ])
    func glob(pattern: String, text: String, matches: Bool) {
        #expect(Glob.matches(pattern, text) == matches)
    }

    @Test("links are chosen by name and kind, exclusion last; the others stay known and counted")
    func selection() throws {
        var exposure = Exposure()
        var (veths, near) = (LinkPattern(), LinkPattern())
        veths.kind = "veth"
        near.name = "near*"
        (exposure.include, exposure.exclude) = ([veths], [near])
        let page = try page(exposure, [("near1", .veth), ("far1", .veth), ("br0", .bridge), ("tap0", .tap)])
        #expect(page.contains(#"vexport_link_admin_up{device="far1"}"#))
        for name in ["near1", "br0", "tap0"] { #expect(!page.contains("\"\(name)\""), "\(name)") }
        #expect(page.contains(#"vexport_links{kind="veth"} 2"#))
        #expect(page.contains(#"vexport_links{kind="bridge"} 1"#))
    }

    @Test("new links beyond the budget are left out whole, in order of birth, and come in when there is room")
    func budget() {
        var budget = SeriesBudget(limit: 25)
        #expect(budget.admit([(1, 10), nil, (2, 10)]) == [true, false, true])
        #expect(budget.refused == 0)
        #expect(budget.admit([(1, 10), (3, 10), (2, 10)]) == [true, false, true])
        #expect(budget.refused == 10)
        // One that is exposed and grows stays; a smaller one that fits comes in.
        #expect(budget.admit([(1, 12), (3, 10), (2, 10), (4, 3)]) == [true, false, true, true])
        // Another link in the slot of one that was exposed is a new one.
        #expect(budget.admit([(5, 10), (3, 10), (2, 10), (4, 3)]) == [false, true, true, true])
        #expect(budget.refused == 10)
    }

    @Test("what a link is charged is what it has on the page", arguments: LinkDetail.allCases)
    func charge(detail: LinkDetail) throws {
        let links: [(EscapedText, LinkKind)] = [("v0", .veth), ("br0", .bridge), ("tap0", .tap), ("eth0", .physical)]
        func series(_ page: String) -> Int { page.split(separator: "\n").filter { $0.contains("device=\"") }.count }
        var exposure = Exposure(detail: detail, showsNodeExporter: true)
        let all = try page(exposure, links)
        exposure.seriesBudget = series(all)
        try #expect(page(exposure, links).contains("vexport_series_refused 0\n"))
        exposure.seriesBudget -= 1
        let fewer = try page(exposure, links)
        #expect(!fewer.contains("\"eth0\"") && fewer.contains("\"tap0\""))
        #expect(fewer.contains("vexport_series_refused \(series(all) - series(fewer))\n"))
    }

    private func page(_ exposure: Exposure, _ links: [(name: EscapedText, kind: LinkKind)]) throws -> String {
        Page.render(
            try Page.frame(
                links.enumerated().map { (Int32($0 + 1), LinkState(name: $1.name, kind: $1.kind)) }, exposure))
    }
}

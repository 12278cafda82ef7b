import Testing

@testable import VexportCore

/// How the history keeps what links are called.
@Suite struct HistoryLinkTests {
    func link(_ name: EscapedText, _ namespace: EscapedText?, key: String = "cookie:7") -> HistoryLink {
        HistoryLink(
            name: name, namespace: namespace, kind: "veth", index: 12, counterCount: 25, namespaceKey: key)
    }

    @Test(
        "what is written down is read back, hostile names included",
        arguments: [
            ("veth0", nil), ("veth0", "blue"), (EscapedText([0xff, 0x0a, 0x22]), EscapedText([0x0a, 0x0a])),
            ("caf\u{e9}", ""),
        ] as [(EscapedText, EscapedText?)])
    func roundTrip(_ name: EscapedText, _ namespace: EscapedText?) {
        let link = link(name, namespace)
        #expect(HistoryLink(metadata: link.metadata) == link)
    }

    @Test("a namespace's label that is too long is cut, and nothing else")
    func long() throws {
        let label = EscapedText([UInt8](repeating: 0xff, count: 255))
        let link = link("veth0", label)
        #expect(link.metadata.count == 1024)
        let read = try #require(HistoryLink(metadata: link.metadata))
        #expect(read.name == "veth0" && label.description.hasPrefix(read.namespace!.description))
    }

    @Test(
        "what another version wrote is left alone", arguments: ["", "1", "2\na\n1\n25\nveth\nx", "1\na\nb\nc\nd\ne\nf"])
    func others(_ text: String) {
        #expect(HistoryLink(metadata: Array(text.utf8)) == nil)
    }

    @Test("without its namespace's file a link is not found again")
    func noPlace() {
        #expect(link("a", "b", key: "").place == nil)
        #expect(link("a", "b").place == link("c", "d").place)
    }
}

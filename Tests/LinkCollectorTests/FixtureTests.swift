import Foundation
import TestSupport
import Testing
import VexportCore

@testable import LinkCollector
@testable import Netlink

@Suite struct FixtureTests {
    @Test(
        "every recorded kind reads as ip shows it",
        arguments: [
            "link-alias", "link-alternative-names", "link-bridge", "link-bridge-port", "link-bridge-port-disabled",
            "link-bridge-port-forwarding", "link-ifb", "link-loopback", "link-macvlan", "link-macvtap", "link-tap",
            "link-tap-detached-queue", "link-tap-multiqueue", "link-tun", "link-veth", "link-veth-peer",
            "link-veth-remote",
            "link-vxlan",
        ])
    func asIPShowsIt(_ name: String) throws {
        let fixture = try Fixture(name)
        let text = try Repository.text("Tests/Fixtures/\(name).hex")
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("# ip: ") })
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(line.dropFirst(6).utf8)) as? [String: Any])
        let message = try LinkMessage(decoding: fixture.payload().span.bytes, type: fixture.type())
        let facts = LinkFacts(index: message.index, LinkState(message)) { index in
            // The neighbours are not in the fixture: ip's word for them is taken.
            let name = (index == message.masterIndex ? object["master"] : object["link"]) as? String
            return name.map { EscapedText($0.utf8) }
        }
        #expect(facts.differences(from: LinkFacts(ip: object)) == [])
    }

    @Test("a hostile name becomes text without control bytes")
    func hostileName() throws {
        let fixture = try Fixture("link-hostile-name")
        let state = LinkState(try LinkMessage(decoding: fixture.payload().span.bytes, type: fixture.type()))
        #expect(state.name.description == #"h\xff"\\\x1b[1m"#)
        #expect(state.alias?.description == #"a\xfe"\\\x1b\x0a@everyone"#)
    }
}

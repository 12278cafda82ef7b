import Testing

@testable import VexportCore

@Suite struct LinkEventTests {
    @Test(
        "an event tells whether a process that has been there for long may own the link now",
        arguments: [
            (.created, .tap, true), (.created, .tun, true), (.created, .macvtap, true), (.created, .veth, true),
            (.created, .bridge, false), (.moved(from: .own), .tap, true), (.moved(from: .own), .veth, true),
            (.peerChanged, .veth, true), (.peerChanged, .macvtap, false), (.adminUp, .tap, true),
            (.adminUp, .veth, false), (.adminDown, .tap, false), (.deleted, .tap, false),
            (.carrierChanged(isUp: true, ups: 1, downs: 0), .tap, true),
            (.carrierChanged(isUp: false, ups: 0, downs: 1), .tap, false),
            (.carrierChanged(isUp: true, ups: 1, downs: 0), .veth, false), (.mtuChanged, .tap, false),
        ] as [(LinkEvent.Kind, LinkKind, Bool)])
    func owners(_ event: LinkEvent.Kind, _ link: LinkKind, _ mayChange: Bool) {
        #expect(event.mayChangeOwner(of: link) == mayChange)
    }
}

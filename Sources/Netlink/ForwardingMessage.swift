internal import CMnl

/// An address that a bridge knows behind a port. Source: RTM_NEWNEIGH, AF_BRIDGE.
public struct ForwardingMessage: Equatable, Sendable {
    /// The port; the bridge itself for an address of its own. Source: ndm_ifindex.
    public var index: Int32
    /// NUD_*. Source: ndm_state.
    public var state: UInt16
    /// 0 in a bridge that does not filter by VLAN. Source: NDA_VLAN.
    public var vlan: UInt16 = 0
    /// Source: NDA_LLADDR.
    public var address: [UInt8] = []
    /// nil for what is no bridge's entry: what a link takes in by itself is in the same dump. Source: NDA_MASTER.
    public var bridge: Int32?

    /// sizeof(struct ndmsg).
    static let headerSize = 12

    /// It is the port's own address. Source: NUD_PERMANENT.
    public var isLocal: Bool { state & UInt16(NUD_PERMANENT) != 0 }

    /// Somebody put it in by hand, and it does not age. Source: NUD_NOARP.
    public var isStatic: Bool { state & UInt16(NUD_NOARP) != 0 }

    /// The bridge heard it speak.
    public var isLearned: Bool { !isLocal && !isStatic }

    init(decoding payload: RawSpan) throws(DecodeError) {
        guard payload.byteCount >= Self.headerSize else {
            throw DecodeError("forwarding entry of \(payload.byteCount) bytes")
        }
        index = try payload.load(4, as: Int32.self)
        state = try payload.load(8, as: UInt16.self)
        try Attributes(payload.extracting(Self.headerSize..<payload.byteCount)).forEach {
            (attribute) throws(DecodeError) in
            switch attribute.type {
            case Int(NDA_LLADDR): address = attribute.bytes()
            case Int(NDA_VLAN): vlan = try attribute.uint16()
            case Int(NDA_MASTER): bridge = try attribute.int32()
            default: break
            }
        }
    }
}

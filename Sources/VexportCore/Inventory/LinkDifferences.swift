/// The events that lie between two descriptions of one link, the most telling first.
func differences(from old: Link, to new: Link, inferred: Bool, at: Timestamp) -> [LinkEvent] {
    var kinds: [LinkEvent.Kind] = []
    let (before, after) = (old.state, new.state)
    if before.name != after.name { kinds.append(.renamed(from: before.name)) }
    if before.flags.contains(.up) != after.flags.contains(.up) {
        kinds.append(after.flags.contains(.up) ? .adminUp : .adminDown)
    }
    if before.carrier != after.carrier {
        kinds.append(
            .carrierChanged(
                isUp: after.carrier.isUp,
                ups: (after.carrier.ups ?? 0) &- (before.carrier.ups ?? 0),
                downs: (after.carrier.downs ?? 0) &- (before.carrier.downs ?? 0)))
    }
    if before.operstate != after.operstate { kinds.append(.operstateChanged) }
    if before.masterIndex != after.masterIndex { kinds.append(.masterChanged(from: before.masterIndex)) }
    // Of a veth its peer, whatever the numbers are in which messages name it.
    if after.kind == .veth ? old.peer != new.peer : before.lowerLink != after.lowerLink { kinds.append(.peerChanged) }
    if before.bridgePort?.state != after.bridgePort?.state {
        kinds.append(.portStateChanged(from: before.bridgePort?.state))
    }
    if before.mtu != after.mtu { kinds.append(.mtuChanged) }
    if before.address != after.address { kinds.append(.addressChanged) }
    return kinds.map { LinkEvent(new, $0, inferred: inferred, at: at) }
}

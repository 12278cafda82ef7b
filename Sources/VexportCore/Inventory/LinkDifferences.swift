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
    if before.lowerLink != after.lowerLink { kinds.append(.peerChanged) }
    if before.bridgePort?.state != after.bridgePort?.state {
        kinds.append(.portStateChanged(from: before.bridgePort?.state))
    }
    if before.mtu != after.mtu { kinds.append(.mtuChanged) }
    if before.address != after.address { kinds.append(.addressChanged) }
    return kinds.map {
        LinkEvent(link: new.identity, name: after.name, kind: $0, isInferred: inferred, at: at)
    }
}

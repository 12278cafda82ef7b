/// The classes of findings. The raw value is the name in metrics, the API and the docs.
public enum FindingKind: String, CaseIterable, Codable, Sendable {
    case vethPeerDown = "veth_peer_down"
    case vethPeerAbandoned = "veth_peer_abandoned"
    case vethUnplumbed = "veth_unplumbed"
    case vethDeadPort = "veth_dead_port"
    case tapWithoutReader = "tap_without_reader"
    case linkFlapping = "link_flapping"
    case bridgePortBlocked = "bridge_port_blocked"
    case macDuplicate = "mac_duplicate"
    case mtuMismatch = "mtu_mismatch"
}

/// One class: how long its condition must last, and the function that judges a link by it.
struct FindingClass: Sendable {
    let kind: FindingKind
    /// From the first look to the one that may make a finding of it: agents make the two ends of a thing seconds apart.
    let grace: @Sendable (Subject) -> Duration
    /// It looks back on many observations itself, so that the first look makes a finding.
    let isImmediate: Bool
    let judge: @Sendable (Subject) -> Verdict

    init(
        _ kind: FindingKind, grace: @escaping @Sendable (Subject) -> Duration, isImmediate: Bool = false,
        judge: @escaping @Sendable (Subject) -> Verdict
    ) {
        self.kind = kind
        self.grace = grace
        self.isImmediate = isImmediate
        self.judge = judge
    }

    init(_ kind: FindingKind, grace: Duration, judge: @escaping @Sendable (Subject) -> Verdict) {
        self.init(kind, grace: { _ in grace }, judge: judge)
    }

    /// All classes. One that rests on another stands after it.
    static let all: [FindingClass] = [
        .vethPeerDown, .vethPeerAbandoned, .vethUnplumbed, .vethDeadPort, .tapWithoutReader, .linkFlapping,
        .bridgePortBlocked, .macDuplicate, .mtuMismatch,
    ]
}

/// What a class says of a link.
enum Verdict {
    /// The condition does not hold, or it can't be told whether it does.
    case fine
    /// The links alone would make it a finding; these facts are needed to tell.
    case unsure(FactKinds)
    /// It holds. What it rests on is looked at again before a finding is made of it, and only then is it put into words:
    /// when a bridge fails, thousands of links are suspected for a moment.
    case wrong(@autoclosure () -> Diagnosed, restsOn: FactKinds)

    var isFine: Bool { if case .fine = self { true } else { false } }
}

/// The part of a finding that a class decides.
struct Diagnosed: Equatable, Sendable {
    var severity = FindingSeverity.warning
    var reason: String
    var evidence: [Evidence]
    var command: String?
}

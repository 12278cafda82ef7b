/// What makes an alert, what it is called and what it says.
public struct Rule: Equatable, Sendable {
    public enum Condition: Equatable, Sendable {
        /// By the class's name, such as `link_flapping`.
        case finding(String)
        case event(RuleEvent)
        case threshold(Threshold)
    }

    /// The value of the label `alertname`; unique.
    public var name: String
    public var condition: Condition
    /// How long the condition holds before the alert fires. Source: `for`.
    public var holdDuration: Duration
    /// How long the alert goes on firing after the condition has ended. Source: `keep_firing_for`.
    public var keepFiringDuration: Duration
    public var labels: [String: String]
    public var annotations: [String: AlertTemplate]
    /// Whether alerts of what hangs on the subject are held back while this one fires.
    public var isRootCause: Bool
    /// The links, namespaces or workloads that an event or a finding must be of. A threshold has its own.
    public var links: LinkPattern?

    public init(
        _ name: String, _ condition: Condition, hold: Duration = .zero, keepFiring: Duration? = nil,
        labels: [String: String] = [:], annotations: [String: AlertTemplate] = [:], isRootCause: Bool = false
    ) {
        self.name = name
        self.condition = condition
        holdDuration = hold
        self.labels = labels
        self.annotations = annotations
        self.isRootCause = isRootCause
        keepFiringDuration = keepFiring ?? Self.standardKeepFiring(condition)
    }

    /// What its alerts are about.
    var subject: AlertSubject.Kind { if case .event(let event) = condition { event.subject } else { .link } }

    /// An event that nothing ends would else be over before anybody heard of it.
    static func standardKeepFiring(_ condition: Condition) -> Duration {
        if case .event(let event) = condition, event.end == nil { .seconds(300) } else { .zero }
    }
}

/// An event of links, namespaces or workloads, as rules know it.
public enum RuleEvent: String, CaseIterable, Sendable {
    case created, deleted, moved, renamed
    case movedAway = "moved_away"
    case adminUp = "admin_up"
    case adminDown = "admin_down"
    case carrierUp = "carrier_up"
    case carrierDown = "carrier_down"
    case masterChanged = "master_changed"
    case peerChanged = "peer_changed"
    case portStateChanged = "port_state_changed"
    case mtuChanged = "mtu_changed"
    case addressChanged = "address_changed"
    case namespaceCreated = "namespace_created"
    case namespaceDeleted = "namespace_deleted"
    case workloadStarted = "workload_started"
    case workloadStopped = "workload_stopped"

    /// The event that ends what this one began; nil for one that is over at once.
    public var end: RuleEvent? {
        switch self {
        case .adminDown: .adminUp
        case .carrierDown: .carrierUp
        case .deleted, .movedAway: .created
        case .namespaceDeleted: .namespaceCreated
        case .workloadStopped: .workloadStarted
        default: nil
        }
    }

    /// Whether it tells that its subject is gone, with which all else that was told of that ends.
    public var isEnd: Bool {
        switch self {
        case .deleted, .movedAway, .namespaceDeleted, .workloadStopped: true
        default: false
        }
    }

    /// What it is about.
    public var subject: AlertSubject.Kind {
        switch self {
        case .namespaceCreated, .namespaceDeleted: .namespace
        case .workloadStarted, .workloadStopped: .owner
        default: .link
        }
    }

    /// What an event of the inventory is to rules. The kernel merges quick changes, so it can be two: a carrier that is up
    /// now and was down in between.
    public static func of(_ kind: LinkEvent.Kind) -> [RuleEvent] {
        switch kind {
        case .created: [.created]
        case .deleted: [.deleted]
        case .movedAway: [.movedAway]
        case .moved: [.moved]
        case .renamed: [.renamed]
        case .adminUp: [.adminUp]
        case .adminDown: [.adminDown]
        case .carrierChanged(isUp: true?, ups: _, let downs): downs > 0 ? [.carrierDown, .carrierUp] : [.carrierUp]
        case .carrierChanged(isUp: false?, let ups, downs: _): ups > 0 ? [.carrierUp, .carrierDown] : [.carrierDown]
        case .carrierChanged(isUp: nil, ups: _, downs: _), .operstateChanged: []
        case .masterChanged: [.masterChanged]
        case .peerChanged: [.peerChanged]
        case .portStateChanged: [.portStateChanged]
        case .mtuChanged: [.mtuChanged]
        case .addressChanged: [.addressChanged]
        }
    }
}

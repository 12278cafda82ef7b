/// Events as the API gives them and `vexport events` reads them. Names stay; what is new comes under new names.
public struct EventPage: Equatable, Codable, Sendable {
    /// Oldest first.
    public var events: [Event]
    /// What to ask for next, as `after`.
    public var last: UInt64
    /// Whether events after the number asked for had been dropped.
    public var hasMissed: Bool

    private enum CodingKeys: String, CodingKey {
        case events, last
        case hasMissed = "missed"
    }

    public init(_ page: EventJournal.Page) {
        events = page.entries.map(Event.init)
        last = page.last
        hasMissed = page.hasMissed
    }

    /// One event.
    public struct Event: Equatable, Codable, Sendable {
        /// Counts up from 1, without gaps, since the daemon started.
        public var number: UInt64
        /// Seconds since the epoch.
        public var time: Double
        /// The link's name at that time.
        public var device: EscapedText
        /// The label of the namespace it was in; nil for vexport's own.
        public var namespace: EscapedText?
        /// The link's index there.
        public var index: Int32
        /// As `vexport_link_events_total` calls it.
        public var type: String
        /// One line for people, with the names in it.
        public var text: EscapedText
        /// Not told by the kernel but found by comparing with a dump or an answer.
        public var isInferred: Bool
        /// The netlink port of the socket that asked for it, mostly a process id; nil where the kernel does not say.
        public var requester: UInt32?
        /// Who was at the link's far end; nil when that was not known.
        public var workload: WorkloadRecord?

        private enum CodingKeys: String, CodingKey {
            case number, device, type, text, workload
            case time = "timestamp_seconds"
            case namespace = "netns"
            case index = "ifindex"
            case isInferred = "inferred"
            case requester = "requester_port"
        }

        init(_ entry: JournalEntry) {
            number = entry.sequence
            time = entry.event.at.seconds
            device = entry.event.name
            namespace = entry.namespace
            index = entry.event.place.index
            type = LinkEvent.Kind.labels[entry.event.kind.ordinal]
            text = EscapedText(escaped: entry.text)
            isInferred = entry.event.isInferred
            requester = entry.event.requester
            workload = entry.workload.map(WorkloadRecord.init)
        }
    }
}

/// Which events somebody wants.
public struct EventFilter: Equatable, Sendable {
    /// A pattern with `*` and `?` for the link's name; nil for all.
    public var device: String?
    /// Likewise for the namespace's label; empty for vexport's own namespace.
    public var namespace: String?

    public init(device: String? = nil, namespace: String? = nil) {
        self.device = device
        self.namespace = namespace
    }

    public func matches(_ entry: JournalEntry) -> Bool {
        (device.map { Glob.matches($0, entry.event.name.description) } ?? true)
            && (namespace.map { Glob.matches($0, entry.namespace?.description ?? "") } ?? true)
    }
}

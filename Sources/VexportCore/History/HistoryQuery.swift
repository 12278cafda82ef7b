/// What to read of the history.
public struct HistoryQuery: Sendable {
    /// Names of links, with `*` and `?`; nil for all.
    public var device: String?
    /// Labels of namespaces, with `*` and `?`, empty for vexport's own; nil for all.
    public var namespace: String?
    /// A kind of links; nil for all.
    public var kind: String?
    public var metrics: [LinkCounter] = [.receiveBytes, .transmitBytes]
    /// By the wall clock, both included.
    public var start: Timestamp
    public var end: Timestamp
    /// Keeps the last sample of each step, which begin at multiples of it since boot; nil keeps all samples.
    public var step: Duration?
    /// Goes on behind the page before.
    public var after: HistoryPlace?
    /// A page ends with the link that brings it to so many points.
    public var limit = HistoryQuery.largestLimit

    public static let largestLimit = 100_000

    public init(from start: Timestamp, to end: Timestamp) {
        self.start = start
        self.end = end
    }

    func matches(_ link: HistoryLink) -> Bool {
        (kind.map { $0 == link.kind.description } ?? true)
            && (device.map { Glob.matches($0, link.name.description) } ?? true)
            && (namespace.map { Glob.matches($0, link.namespace?.description ?? "") } ?? true)
    }
}

/// A link's place in the order of pages: that of the first link of its name, then its own.
public struct HistoryPlace: Comparable, Sendable, CustomStringConvertible {
    let group: UInt64
    let number: UInt64

    init(group: UInt64, number: UInt64) {
        self.group = group
        self.number = number
    }

    /// Reads what a page named.
    public init?(_ text: String) {
        let numbers = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt64($0) }
        guard numbers.count == 2, let group = numbers[0], let number = numbers[1] else { return nil }
        self.init(group: group, number: number)
    }

    public var description: String { "\(group).\(number)" }

    public static func < (left: HistoryPlace, right: HistoryPlace) -> Bool {
        (left.group, left.number) < (right.group, right.number)
    }
}

extension LinkCounter {
    /// A counter by its metric's name, `vexport_link_receive_bytes_total`, or the part of it that snapshots use,
    /// `receive_bytes`.
    public init?(metric name: String) {
        guard let counter = Self.allCases.first(where: { name == $0.label || name == "vexport_link_\($0.label)_total" })
        else { return nil }
        self = counter
    }
}

/// The counters of links in other namespaces, as one round through these read them.
struct RemoteCounters: Sendable {
    let block: CounterBlock
    /// Which rows are of which namespace, in order.
    let parts: [RemotePart]

    /// Calls `body` with each row and where its link was.
    func forEachRow(_ body: (Int, LinkPlace) -> Void) {
        let indexes = block.indexes
        for part in parts {
            for row in part.rows { body(row, LinkPlace(part.namespace, indexes[row])) }
        }
    }

    /// Whether a row is of the same link in `other`.
    func hasSameLink(_ row: Int, as other: RemoteCounters) -> Bool {
        guard row < block.count, row < other.block.count else { return false }
        let (indexes, others) = (block.indexes, other.block.indexes)
        return indexes[row] == others[row] && namespace(row) == other.namespace(row)
    }

    private func namespace(_ row: Int) -> NamespaceID? {
        // By halves: the parts are in the order of their rows.
        var (low, high) = (0, parts.count)
        while low < high {
            let middle = (low + high) / 2
            if parts[middle].rows.upperBound <= row { low = middle + 1 } else { high = middle }
        }
        return low < parts.count && parts[low].rows.contains(row) ? parts[low].namespace : nil
    }
}

/// Rows of a dump that are of one namespace.
public struct RemotePart: Equatable, Sendable {
    public var namespace: NamespaceID
    public var rows: Range<Int>

    public init(namespace: NamespaceID, rows: Range<Int>) {
        self.namespace = namespace
        self.rows = rows
    }
}

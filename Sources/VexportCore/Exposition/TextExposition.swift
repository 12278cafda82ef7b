/// Renders a frame and other families, piece by piece into the caller's memory.
public struct TextExposition: Sendable {
    /// Every series line fits in this: names and labels are bounded by the kernel (IFNAMSIZ, IFALIASZ).
    public static let smallestBuffer = 16 << 10

    private let frame: TickFrame
    private let counters: [FamilyText]
    /// The links' states, what was read of bridges, and the other families.
    private let rest: [[UInt8]]
    /// Which part is rendered next. A page is made of parts that change separately: each family of counters, the links'
    /// states, what was read of bridges, and the other families.
    public private(set) var part = 0
    /// Where in it the next piece begins: a slot of a family, an offset of the others.
    private var slot = 0
    private var headerIsDue = true
    private var offset = 0

    /// - Parameter others: families that are not of links. Rendered at once, so they should be few.
    public init(frame: TickFrame, others: SampleSink, format: ExpositionFormat) {
        self.frame = frame
        counters = frame.links.table.families(format).counters
        rest = [
            frame.links.stateText(format), frame.bridges?.text(frame.links, format) ?? [],
            SinkText.render(others, format) + format.end,
        ]
    }

    public var partCount: Int { counters.count + rest.count }

    /// Which parts read as they do on the page that `earlier` has in the same format. Never the last, which is not of the
    /// frame alone.
    public func unchangedParts(since earlier: TickFrame) -> [Bool] {
        guard frame.links === earlier.links else { return [Bool](repeating: false, count: partCount) }
        return counters.map {
            guard case .counter(let counter, let others) = $0.metric.reading else { return false }
            if labels(of: $0).longest == 0 { return true }
            return frame.counters.areEqual(to: earlier.counters, [counter] + others)
        } + [true, frame.bridges === earlier.bridges, false]
    }

    /// Writes the next piece.
    ///
    /// - Parameter buffer: at least `smallestBuffer` bytes.
    /// - Returns: how many bytes were written; 0 when all has been rendered.
    public mutating func render(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        precondition(buffer.count >= Self.smallestBuffer, "a piece needs \(Self.smallestBuffer) bytes")
        var output = unsafe LineWriter(buffer)
        while part < partCount, renderPart(into: &output) { skipPart() }
        return output.count
    }

    /// Writes the next piece of the present part alone, and goes on to the next part when this was the last of it.
    ///
    /// - Parameter buffer: at least `smallestBuffer` bytes.
    /// - Returns: how many bytes were written; 0 for a part without series.
    /// - Precondition: there is a part left.
    public mutating func renderPart(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        precondition(buffer.count >= Self.smallestBuffer, "a piece needs \(Self.smallestBuffer) bytes")
        var output = unsafe LineWriter(buffer)
        if renderPart(into: &output) { skipPart() }
        return output.count
    }

    /// Goes on to the next part.
    public mutating func skipPart() {
        part += 1
        slot = 0
        headerIsDue = true
        offset = 0
    }

    /// False when the buffer is full.
    private mutating func renderPart(into output: inout LineWriter) -> Bool {
        if part < counters.count { return render(counters[part], into: &output) }
        let bytes = rest[part - counters.count]
        let end = min(bytes.count, offset + output.space)
        output.append(bytes.span, offset, end)
        offset = end
        return end == bytes.count
    }

    /// Of each slot that has series of a family of counters.
    private func labels(of family: FamilyText) -> LabelBlocks {
        family.metric.needs.contains(.workload) ? frame.links.workloadBlocks : frame.links.deviceBlocks
    }

    /// The inner loop of a scrape: one counter of all links from `slot` on, out of plain arrays. False when the buffer
    /// is full.
    @_optimize(speed)  // the loop over links: a third slower as -Osize has it
    private mutating func render(_ family: FamilyText, into output: inout LineWriter) -> Bool {
        guard case .counter(let counter, let others) = family.metric.reading else { return true }
        let (links, counters) = (frame.links, frame.counters)
        // Only links of vexport's own namespace may be shown under node_exporter's names: theirs is the first block.
        let isOwn = family.metric.needs.contains(.own)
        let labels = labels(of: family)
        guard labels.longest > 0 else { return true }
        let (room, isDetail, isSum) = (labels.longest + family.room, family.metric.isDetail, !others.isEmpty)
        let showsDetail = links.showsDetail
        let name = family.name.span
        let blocks = labels.bytes.span
        let starts = labels.starts.span
        let shows = showsDetail.span
        let places = counters.places.span
        let end = min(links.slotCount, places.count)
        while slot < end {
            // As far as the counters lie in one block.
            let block = places[slot].block
            let read = counters.blocks[Int(block)]
            let values = read.column(counter, others)
            var rows = values.count
            if isOwn, block != 0 { rows = 0 }
            while slot < end, places[slot].block == block {
                let row = Int(places[slot].row)
                let isShown = isDetail ? shows[slot] : true
                if row < rows, isShown, starts[slot] < starts[slot + 1] {
                    guard output.space >= room else { return false }
                    // A family without series has no header.
                    if headerIsDue {
                        output.append(family.header.span, 0, family.header.count)
                        headerIsDue = false
                    }
                    output.append(padded: name, 0, family.nameLength)
                    output.append(padded: blocks, starts[slot], starts[slot + 1])
                    output.append(isSum ? read.sum(values[row], others, row) : values[row])
                    output.endLine()
                }
                slot += 1
            }
        }
        return true
    }
}

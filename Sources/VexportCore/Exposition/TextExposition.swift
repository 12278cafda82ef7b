/// Renders a frame and other families in text format 0.0.4, piece by piece into the caller's memory.
public struct TextExposition: Sendable {
    public static let contentType = TextFormat.contentType
    /// Every series line fits in this: names and labels are bounded by the kernel (IFNAMSIZ, IFALIASZ).
    public static let smallestBuffer = 16 << 10

    private let frame: TickFrame
    private let tail: [UInt8]
    /// Where the next piece begins: a row of the table, a slot in it; past the table, an offset in the tail.
    private var row = 0
    private var slot = 0
    private var headerIsDue = true
    private var tailOffset = 0

    /// - Parameter others: families that are not of links. Rendered at once, so they should be few.
    public init(frame: TickFrame, others: SampleSink) {
        self.frame = frame
        tail = Self.render(others)
    }

    /// Writes the next piece.
    ///
    /// - Parameter buffer: at least `smallestBuffer` bytes.
    /// - Returns: how many bytes were written; 0 when all has been rendered.
    public mutating func render(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        precondition(buffer.count >= Self.smallestBuffer, "a piece needs \(Self.smallestBuffer) bytes")
        var output = unsafe LineWriter(buffer)
        while row < LinkMetrics.all.count {
            guard render(LinkMetrics.all[row], into: &output) else { return output.count }
            row += 1
            slot = 0
            headerIsDue = true
        }
        let count = min(output.space, tail.count - tailOffset)
        output.append(tail, from: tailOffset, count: count)
        tailOffset += count
        return output.count
    }

    /// Renders a family from `slot` on. False when the buffer is full.
    private mutating func render(_ metric: LinkMetric, into output: inout LineWriter) -> Bool {
        let header = headerIsDue ? TextFormat.header(of: metric.metric) : []
        let name = Array(metric.metric.name.utf8)
        let (records, traits) = (frame.links.records, frame.links.traits)
        switch metric.reading {
        case .counter(let counter):
            guard counter.rawValue < frame.columns.counterCount else { return true }
            return renderCounter(counter, metric, name, header, &output)
        case .state(let value):
            let room = header.count + name.count + frame.links.longestBlock + LineWriter.longestNumber
            for slot in slot..<frame.links.slotCount {
                guard traits[slot].contains(metric.needs), let record = records[slot],
                    !metric.isDetail || frame.links.showsDetail[slot],
                    let value = value(record)
                else { continue }
                guard output.space > room else { return pause(at: slot) }
                writeHeader(header, &output)
                output.append(name, from: 0, count: name.count)
                output.append(record.deviceBlock, from: 0, count: record.deviceBlock.count)
                output.append(value)
                output.endLine()
            }
        case .info:
            let ordinal = LinkMetrics.infoOrdinals[row]
            for slot in slot..<frame.links.slotCount {
                guard traits[slot].contains(metric.needs), let block = records[slot]?.infoBlocks[ordinal] else {
                    continue
                }
                guard output.space > header.count + name.count + block.count + LineWriter.longestNumber else {
                    return pause(at: slot)
                }
                writeHeader(header, &output)
                output.append(name, from: 0, count: name.count)
                output.append(block, from: 0, count: block.count)
                output.append(UInt64(1))
                output.endLine()
            }
        }
        return true
    }

    /// The inner loop of a scrape: one counter of all links, out of three plain arrays.
    private mutating func renderCounter(
        _ counter: LinkCounter, _ metric: LinkMetric, _ name: [UInt8], _ header: [UInt8], _ output: inout LineWriter
    ) -> Bool {
        let links = frame.links
        let room = header.count + name.count + links.longestBlock + LineWriter.longestNumber
        let end = min(links.slotCount, frame.columns.slotCount)
        var stop: Int?
        unsafe frame.columns.withColumn(counter) { values, present in
            for slot in self.slot..<max(self.slot, end) {
                guard unsafe present[slot], !metric.isDetail || links.showsDetail[slot] else { continue }
                let blockEnd = links.deviceBlockEnds[slot]
                let blockStart = slot > 0 ? links.deviceBlockEnds[slot - 1] : 0
                guard blockEnd > blockStart else { continue }
                guard output.space > room else {
                    stop = slot
                    return
                }
                writeHeader(header, &output)
                output.append(name, from: 0, count: name.count)
                output.append(links.deviceBlocks, from: blockStart, count: blockEnd - blockStart)
                unsafe output.append(values[slot])
                output.endLine()
            }
        }
        return stop.map { pause(at: $0) } ?? true
    }

    private mutating func pause(at slot: Int) -> Bool {
        self.slot = slot
        return false
    }

    /// Writes the header before a family's first series, so that a family without series has none.
    private mutating func writeHeader(_ header: [UInt8], _ output: inout LineWriter) {
        guard headerIsDue else { return }
        output.append(header, from: 0, count: header.count)
        headerIsDue = false
    }

    private static func render(_ others: SampleSink) -> [UInt8] {
        var bytes: [UInt8] = []
        for family in others.families {
            bytes.append(contentsOf: TextFormat.header(of: family.metric))
            for sample in family.samples {
                bytes.append(contentsOf: family.metric.name.utf8)
                bytes.append(contentsOf: TextFormat.block(sample.labels))
                bytes.append(contentsOf: TextFormat.number(sample.value).utf8)
                bytes.append(UInt8(ascii: "\n"))
            }
        }
        return bytes
    }
}

extension LinkMetrics {
    /// For each row, how many infos come before it: where its block is in a record.
    static let infoOrdinals: [Int] = {
        var ordinal = 0
        return all.map { row in
            defer { if case .info = row.reading { ordinal += 1 } }
            return ordinal
        }
    }()
}

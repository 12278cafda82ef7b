/// A label block for each slot, one after the other, so that rendering a family walks plain memory.
struct LabelBlocks: Sendable {
    /// Padded for `LineWriter`.
    let bytes: [UInt8]
    /// Where the block of a slot starts; it ends where the next one starts.
    let starts: [Int]
    /// Of the longest block; 0 where there is none.
    let longest: Int

    /// - Parameter blocks: by slot; nil or empty for one without series.
    init(_ blocks: [[UInt8]?]) {
        var (bytes, starts, longest) = ([UInt8](), [0], 0)
        bytes.reserveCapacity(blocks.count * 24)
        starts.reserveCapacity(blocks.count + 1)
        for block in blocks {
            if let block {
                bytes.append(contentsOf: block)
                longest = max(longest, block.count)
            }
            starts.append(bytes.count)
        }
        self.bytes = bytes + LineWriter.padding
        self.starts = starts
        self.longest = longest
    }

    func hasBlock(_ slot: Int) -> Bool { starts[slot] < starts[slot + 1] }
}

import Foundation
import TestSupport

@testable import RingStore

/// A file of a ring, a log where the first byte is even and a block where it is odd. Checksums are put right first, since
/// a fuzzer that has to guess them sees nothing else.
enum RingTarget: FuzzTarget {
    static func seeds() throws -> [[UInt8]] {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("ring-seeds-\(getpid())").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        var options = RingOptions(columnCount: 4, boot: Boot(high: 1, low: 2))
        options.tiers = [
            .init(interval: .seconds(1), retention: .seconds(120)),
            .init(interval: .seconds(5), retention: .seconds(600)),
        ]
        options.stateDirectory = directory + "/state"
        options.runtimeDirectory = directory + "/run"
        let store = try RingStore(options, at: Tick(monotonic: 1, wall: 1)) { print($0) }
        for second in UInt64(1)...50 {
            let tick = Tick(monotonic: second * 1_000_000_000, wall: Int64(second) * 1_000_000_000 + 7)
            for row in 0..<3 { _ = store.attach(key: [UInt8(row), UInt8(second / 17)], row: row, at: tick) }
            let values = (0..<12).map { $0 < 6 ? second * second * UInt64($0) : UInt64($0) }
            let present = [true, second % 5 != 0, true]
            store.append(tick, columns: values.span, stride: 3, present: present.span)
        }
        store.flush()
        var seeds: [[UInt8]] = []
        for (folder, ending, mark) in [("/run", ".log", UInt8(0)), ("/state", ".block", 1)] {
            for name in try FileManager.default.contentsOfDirectory(atPath: directory + folder).sorted()
            where name.hasSuffix(ending) {
                let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: directory + folder + "/" + name)))
                let end = mark == 0 ? Int(number(bytes, LogHeader.byteCount - 8, 4)) : bytes.count
                seeds.append([mark] + bytes.prefix(end))
            }
        }
        return seeds
    }

    static func run(_ input: [UInt8]) {
        guard let first = input.first else { return }
        var bytes = Array(input.dropFirst())
        if first & 1 == 0 {
            repairLog(&bytes)
            guard let (origin, end) = try? LogHeader.decode(bytes.rawSpan) else { return }
            guard (LogHeader.byteCount...max(bytes.count, LogHeader.byteCount)).contains(end) else { return }
            let span = bytes.rawSpan.extracting(0..<min(end, bytes.count))
            let contents = LogContents(span, origin: origin, verifying: true)
            if let block = try? BlockBuilder.build(contents, span) {
                require(readAll(block), "a block that was made of a log cannot be read")
            }
        } else {
            repairBlock(&bytes)
            guard let contents = try? BlockFile.decode(bytes) else { return }
            _ = readAll(contents.block)
        }
    }

    /// Reads each column of each subject.
    ///
    /// - Returns: false when a piece does not keep to the format.
    private static func readAll(_ block: Block) -> Bool {
        var samples = 0
        do {
            for subject in block.subjects {
                try block.forEachPiece(of: subject) { (piece) throws(FormatError) in
                    for column in 0..<block.origin.columnCount {
                        let values = try piece.values(column)
                        require(values.count == piece.count, "\(values.count) values for \(piece.count) ticks")
                        samples += values.count
                    }
                    require(piece.runs.allSatisfy { $0.upperBound <= block.ticks.count }, "a tick that is not there")
                }
            }
        } catch {
            return false
        }
        return true
    }

    private static func number(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> UInt64 {
        guard bytes.count >= offset + count else { return 0 }
        return (0..<count).reduce(0) { $0 | UInt64(bytes[offset + $1]) << UInt64($1 * 8) }
    }

    private static func repair(_ bytes: inout [UInt8], _ covered: Range<Int>, at offset: Int) {
        guard covered.lowerBound >= 0, covered.upperBound <= bytes.count, offset + 4 <= bytes.count else { return }
        let checksum = Checksum.of(bytes.rawSpan.extracting(covered))
        bytes.replaceSubrange(offset..<(offset + 4), with: Wire.bytes(checksum))
    }

    private static func repairLog(_ bytes: inout [UInt8]) {
        repair(&bytes, 0..<56, at: 56)
        var offset = LogHeader.byteCount
        while offset + 16 <= bytes.count {
            let length = Int(number(bytes, offset, 4))
            guard length >= 16, offset + length <= bytes.count else { return }
            repair(&bytes, (offset + 8)..<(offset + length), at: offset + 4)
            offset += length
        }
    }

    private static func repairBlock(_ bytes: inout [UInt8]) {
        let header = Block.headerByteCount
        guard bytes.count >= header else { return }
        let end = header + Int(min(number(bytes, 72, 8), UInt64(bytes.count)))
        guard end <= bytes.count else { return }
        repair(&bytes, header..<end, at: 80)
        repair(&bytes, 0..<84, at: 84)
        let list = end + 8 + Int(number(bytes, end + 4, 4))
        guard list <= bytes.count else { return }
        repair(&bytes, end..<list, at: list)
    }
}

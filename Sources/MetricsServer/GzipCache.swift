internal import Gzip
import VexportCore

/// The compressed parts of the last page in each format: what reads the same on the next page is not compressed again.
///
/// Lives on the server's event loop. It holds a frame and a compressed page for each format that was asked for, and once
/// one was, 520 KB to work with.
final class GzipCache {
    private var pages: [ExpositionFormat: GzipPage] = [:]
    private lazy var deflater = Deflater()
    private lazy var plain = [UInt8](repeating: 0, count: 256 << 10)

    /// The page of a frame, with the parts that are known already.
    func page(of exposition: TextExposition, _ frame: TickFrame, _ format: ExpositionFormat) -> GzipPage {
        let last = pages[format]
        let isKnown = last.map { exposition.unchangedParts(since: $0.frame) } ?? []
        // The same page, perhaps for another client at the same time.
        if let last, isKnown.dropLast().allSatisfy(\.self) { return last }
        let parts = (0..<exposition.partCount).map { part in
            isKnown.indices.contains(part) && isKnown[part] ? last?.parts[part] : nil
        }
        let page = GzipPage(frame, parts: parts)
        pages[format] = page
        return page
    }

    /// Renders and compresses the next piece of the present part.
    func compress(_ exposition: inout TextExposition, into piece: inout GzipPiece) {
        let count = unsafe plain.withUnsafeMutableBytes { unsafe exposition.renderPart(into: $0) }
        unsafe deflater.compress(plain.span.bytes.extracting(0..<count), into: &piece)
    }
}

/// A page in the making: written by the scrape it is for, read by those that follow.
final class GzipPage {
    let frame: TickFrame
    fileprivate(set) var parts: [GzipPiece?]

    fileprivate init(_ frame: TickFrame, parts: [GzipPiece?]) {
        self.frame = frame
        self.parts = parts
    }

    /// The last part is made of what others than the frame say, and never kept.
    func keep(_ piece: GzipPiece, _ part: Int) {
        if part < parts.count - 1 { parts[part] = piece }
    }
}

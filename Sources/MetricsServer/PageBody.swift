internal import Gzip
internal import NIOCore
import VexportCore

/// A page as it goes out, piece by piece.
enum PageBody {
    case plain(TextExposition)
    case gzip(GzipBody)

    private static let pieceSize = 256 << 10

    /// Puts the next piece in the place of what `buffer` holds: nothing when the page is at its end.
    mutating func write(into buffer: inout ByteBuffer) {
        switch self {
        case .plain(var exposition):
            buffer.clear(minimumCapacity: Self.pieceSize)
            _ = unsafe buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.pieceSize) {
                unsafe exposition.render(into: $0)
            }
            self = .plain(exposition)
        case .gzip(var body):
            buffer.clear(minimumCapacity: GzipBody.pieceSize)
            body.write(into: &buffer)
            self = .gzip(body)
        }
    }
}

/// A page as one gzip member.
struct GzipBody {
    /// A piece has this many bytes, and what was begun to be compressed before it had.
    static let pieceSize = 64 << 10

    private let cache: GzipCache
    private let page: GzipPage
    private var exposition: TextExposition
    private var member = GzipMember()
    /// The present part, as far as it is compressed.
    private var piece = GzipPiece()
    private var isBegun = false
    private var isEnded = false

    init(_ exposition: TextExposition, _ page: GzipPage, _ cache: GzipCache) {
        self.exposition = exposition
        self.page = page
        self.cache = cache
    }

    mutating func write(into buffer: inout ByteBuffer) {
        guard !isEnded else { return }
        if !isBegun { buffer.writeBytes(GzipMember.header) }
        isBegun = true
        while exposition.part < exposition.partCount {
            guard buffer.readableBytes < Self.pieceSize else { return }
            let part = exposition.part
            if let known = page.parts[part], piece.blocks.isEmpty {
                buffer.writeBytes(known.blocks)
                member.add(known)
                exposition.skipPart()
                continue
            }
            let sent = piece.blocks.count
            cache.compress(&exposition, into: &piece)
            buffer.writeBytes(piece.blocks[sent...])
            if exposition.part > part {
                member.add(piece)
                page.keep(piece, part)
                piece = GzipPiece()
            }
        }
        buffer.writeBytes(member.trailer)
        isEnded = true
    }
}

internal import CZlib

/// Compresses text into pieces that can be kept, and joined in any order into one gzip member.
///
/// It takes about 260 KB. One serves for everything that one thread compresses: nothing is left in it between two calls.
@safe public final class Deflater {
    private let stream: UnsafeMutablePointer<z_stream>
    private let output: UnsafeMutableBufferPointer<UInt8>

    public init() {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        unsafe output = .allocate(capacity: 16 << 10)
        // The fastest level: the pages of metrics are so alike in themselves that more effort gains little. The negative
        // window asks for deflate without a header. Source: zlib.h, deflateInit2, which is a macro.
        let result = unsafe deflateInit2_(
            stream, Z_BEST_SPEED, Z_DEFLATED, -MAX_WBITS, MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        precondition(
            result == Z_OK, "deflateInit2: error \(result), there is no memory or not the zlib it was built with")
    }

    deinit {
        unsafe deflateEnd(stream)
        unsafe stream.deallocate()
        unsafe output.deallocate()
    }

    /// Appends `text` to `piece`.
    ///
    /// - Parameter text: under 4 GB. The larger, the better compressed: what is alike is looked for in it alone.
    public func compress(_ text: RawSpan, into piece: inout GzipPiece) {
        guard text.byteCount > 0 else { return }
        unsafe text.withUnsafeBytes { text in
            let start = unsafe text.baseAddress!.assumingMemoryBound(to: UInt8.self)
            unsafe deflateReset(stream)
            // zlib only reads it, though its field is not const.
            unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: start)
            unsafe stream.pointee.avail_in = UInt32(text.count)
            repeat { unsafe piece.blocks.append(contentsOf: nextBlocks()) } while unsafe stream.pointee.avail_out == 0
            unsafe piece.checksum = UInt32(crc32(UInt(piece.checksum), start, UInt32(text.count)))
        }
        piece.length += text.byteCount
    }

    /// Compresses until the output is full, or whole bytes hold all that was given.
    private func nextBlocks() -> UnsafeMutableBufferPointer<UInt8>.SubSequence {
        unsafe stream.pointee.next_out = output.baseAddress!
        unsafe stream.pointee.avail_out = UInt32(output.count)
        let result = unsafe deflate(stream, Z_SYNC_FLUSH)
        precondition(result == Z_OK || result == Z_BUF_ERROR, "deflate: error \(result)")
        return unsafe output[..<(output.count - Int(stream.pointee.avail_out))]
    }
}

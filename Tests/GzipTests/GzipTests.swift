import Gzip
import TestSupport
import Testing

@Suite struct GzipTests {
    let deflater = Deflater()

    func piece(_ texts: [UInt8]...) -> GzipPiece {
        var piece = GzipPiece()
        for text in texts { deflater.compress(text.span.bytes, into: &piece) }
        return piece
    }

    func file(_ pieces: [GzipPiece]) -> [UInt8] {
        var member = GzipMember()
        var bytes = GzipMember.header
        for piece in pieces {
            bytes += piece.blocks
            member.add(piece)
        }
        return bytes + member.trailer
    }

    static let lines = Array((0..<20_000).map { "a_metric_total{device=\"v\($0)\"} \($0 * $0)\n" }.joined().utf8)

    @Test("pieces are one member with the text of all, in whatever order they are joined")
    func joined() throws {
        let first = piece(Self.lines)
        let second = piece(Array("short".utf8))
        var generator = SeededGenerator(seed: 42)
        let random = (0..<100_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let third = piece(Self.lines, random, [])
        #expect(first.blocks.count < Self.lines.count / 4)
        let texts = [Self.lines, Array("short".utf8), Self.lines + random]
        let pieces = [first, second, third]
        for order in [[], [0], [1], [2], [0, 1, 2], [2, 1, 0], [1, 1, 0, 1]] {
            try #expect(gunzip(file(order.map { pieces[$0] })) == order.flatMap { texts[$0] })
        }
    }

    @Test("a piece without text takes nothing")
    func empty() throws {
        #expect(piece().blocks.isEmpty && piece([]).blocks.isEmpty)
        try #expect(gunzip(file([piece([]), piece([65]), piece()])) == [65])
    }

    @Test("text of every length around the room for compressed bytes comes out whole")
    func lengths() throws {
        var generator = SeededGenerator(seed: 42)
        let random = (0..<40_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
        for length in (16_360...16_400).shuffled(using: &generator).prefix(10) + [32_768, 1, 2] {
            let text = Array(random.prefix(length))
            try #expect(gunzip(file([piece(text), piece([1])])) == text + [1])
        }
    }
}

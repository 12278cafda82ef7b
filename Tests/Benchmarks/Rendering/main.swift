// What rendering counters costs: `rendering LINKS ROUNDS FILE` writes the families of counters of so many links into memory,
// ROUNDS times, prints the least ns a series, and puts the page into FILE, for rendering.c to render it again. Built by
// rendering.py with VexportCore's sources in one module.

import Glibc

/// The processor time of this process in ns.
func processorTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
}

/// Numbers of all lengths, many of them 0, as counters are. The same in every run.
struct Values {
    private var state: UInt64 = 42

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 62 == 0 ? (state >> 8) >> (state >> 56 & 55) : 0
    }
}

func makeFrame(links: Int32) -> TickFrame {
    let pipeline = Pipeline(Exposure(detail: .full))
    let states = (1...links).map { ($0, LinkState(name: EscapedText("veth\($0)".utf8), kind: .veth)) }
    var samples = TickSamples()
    var values = Values()
    for index in 1...links {
        let row = (0..<LinkCounter.allCases.count).map { _ in values.next() }
        samples.append(index: index, row: row.span.bytes)
    }
    pipeline.performAndWait {
        _ = $0.apply([.dumped(states)], at: Timestamp(nanoseconds: 0))
        $0.ingest(samples, scheduled: true)
    }
    return pipeline.frames.latest!
}

/// Renders the families of counters, which come first on a page, and hands the pieces to `take`.
func render(_ frame: TickFrame, _ piece: UnsafeMutableRawBufferPointer, _ take: (UnsafeRawBufferPointer) -> Void) {
    var exposition = TextExposition(frame: frame, others: SampleSink(), format: .text)
    while exposition.part < LinkMetrics.counters.count {
        take(UnsafeRawBufferPointer(rebasing: piece[..<exposition.renderPart(into: piece)]))
    }
}

func measure(links: Int32, rounds: Int, file path: String) {
    let frame = makeFrame(links: links)
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
    var (best, length) = (Double.infinity, 0)
    for _ in 0..<rounds {
        let start = processorTime()
        render(frame, piece) { length += $0.count }
        best = min(best, processorTime() - start)
    }
    guard let file = fopen(path, "w") else { fatalError("can't open \(path): errno \(errno)") }
    var written = 0
    render(frame, piece) { written += fwrite($0.baseAddress, 1, $0.count, file) }
    guard fclose(file) == 0, written * rounds == length else { fatalError("can't write \(path)") }
    print(best / Double(LinkMetrics.counters.count) / Double(links))
}

let arguments = CommandLine.arguments
guard arguments.count == 4, let links = Int32(arguments[1]), let rounds = Int(arguments[2]), links > 0, rounds > 0
else {
    print("usage: rendering LINKS ROUNDS FILE")
    exit(2)
}
measure(links: links, rounds: rounds, file: arguments[3])

import RingStore

/// Drives stores from outside of tests: one that is written to until somebody kills the writer, and some to be measured.
let usage = "usage: ring-tool write STATE-DIRECTORY RUNTIME-DIRECTORY | bench [SUBJECTS [TICKS]]"

switch CommandLine.arguments.dropFirst().first {
case "write" where CommandLine.arguments.count == 4:
    try EndlessWriter(state: CommandLine.arguments[2], runtime: CommandLine.arguments[3]).run()
case "bench":
    let numbers = CommandLine.arguments.dropFirst(2).compactMap { Int($0) }
    try Benchmark.run(subjects: numbers.first ?? 10_000, ticks: numbers.dropFirst().first ?? 120)
default:
    fatalError(usage)
}

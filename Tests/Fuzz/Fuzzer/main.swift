import CFuzzer
import Foundation

/// What can be fuzzed, by the name on the command line.
let targets: [String: any FuzzTarget.Type] = [
    "link": LinkTarget.self,
    "stats": StatsTarget.self,
    "answer": AnswerTarget.self,
    "request": RequestTarget.self,
    "snapshot": SnapshotTarget.self,
    "ring": RingTarget.self,
    "use": UseTarget.self,
    "stream": StreamTarget.self,
    "metrics": MetricsTarget.self,
    "labels": LabelsTarget.self,
]

let usage =
    "usage: vexport-fuzz \(targets.keys.sorted().joined(separator: "|")) "
    + "[seed DIRECTORY | input or corpus, -libfuzzer_option=…]\n"

var arguments = CommandLine.arguments
guard arguments.count >= 2, let target = targets[arguments.remove(at: 1)] else {
    FileHandle.standardError.write(Data(usage.utf8))
    exit(2)
}
if arguments.count == 3, arguments[1] == "seed" {
    for (number, seed) in try target.seeds().enumerated() {
        try Data(seed).write(to: URL(fileURLWithPath: arguments[2]).appendingPathComponent("seed-\(number)"))
    }
    exit(0)
}
current = target
var count = Int32(arguments.count)
var pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = .allocate(capacity: arguments.count + 1)
for (position, argument) in arguments.enumerated() { pointers![position] = strdup(argument) }
pointers![arguments.count] = nil
exit(
    LLVMFuzzerRunDriver(&count, &pointers) { data, size in
        current!.run(Array(UnsafeBufferPointer(start: data, count: size)))
        return 0
    })

import Glibc
import RingStore

/// What appending and reading cost, as ratios to copying and summing the same numbers as plain memory, in the same run.
enum Benchmark {
    private static let columns = 25

    static func run(subjects: Int, ticks: Int) throws {
        print("\(subjects) subjects, \(columns) columns, \(ticks) ticks")
        for moving in [0, 2, 10, 25] { try measure(subjects, ticks, moving: moving) }
    }

    private static func measure(_ subjects: Int, _ ticks: Int, moving: Int) throws {
        var options = RingOptions(columnCount: columns, boot: Boot(high: 0, low: 1))
        let directory = "/dev/shm/ring-bench-\(getpid())-\(moving)"
        mkdir(directory, 0o700)
        options.stateDirectory = directory + "/state"
        options.runtimeDirectory = directory + "/run"
        let store = try RingStore(options, at: Tick(monotonic: 1, wall: 1)) { print($0) }
        for row in 0..<subjects {
            _ = store.attach(key: Array("subject \(row)".utf8), row: row, at: Tick(monotonic: 1, wall: 1))
        }
        var values = (0..<(columns * subjects)).map { UInt64($0 % 5 == 0 ? $0 : 0) }
        var copy = values
        let present = [Bool](repeating: true, count: subjects)
        var state: UInt64 = 1
        var (append, slowest, plain) = (0.0, 0.0, 0.0)
        let before = cpu(CLOCK_PROCESS_CPUTIME_ID)
        var making = 0.0
        for number in 1...ticks {
            let start = cpu(CLOCK_PROCESS_CPUTIME_ID)
            for column in 0..<moving {
                for row in 0..<subjects {
                    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    values[column * subjects + row] &+= 900 + state >> 56
                }
            }
            making += cpu(CLOCK_PROCESS_CPUTIME_ID) - start
            plain += timed {
                values.withUnsafeBytes { source in copy.withUnsafeMutableBytes { $0.copyMemory(from: source) } }
            }
            let tick = Tick(monotonic: UInt64(number) * 1_000_000_000, wall: Int64(number) * 1_000_000_000)
            let time = timed {
                guard store.append(tick, columns: values.span, stride: subjects, present: present.span) == .appended
                else { fatalError("tick \(number) was dropped") }
            }
            append += time
            slowest = max(slowest, time)
            // Ticks come faster than a second here: blocks are to be made in between as they would be.
            if number % 8 == 0 { store.flush() }
        }
        store.flush()
        let total = cpu(CLOCK_PROCESS_CPUTIME_ID) - before - making - plain
        let history = store.history()
        let ids = history.subjects.keys.sorted()
        var (sum, samples) = (UInt64(0), 0)
        let read = timed {
            for id in ids {
                try! history.read(id, column: 0) { run in
                    for index in 0..<run.count { sum &+= run.values[index] }
                    samples += run.count
                }
            }
        }
        let array = [UInt64](repeating: 3, count: max(samples, 1))
        let summed = timed { for value in array { sum &+= value } }
        let statistics = store.statistics
        print(
            """
            \(moving) moving: append \(milliseconds(append / Double(ticks))) ms a tick (\(ratio(append / plain)) x memcpy), \
            slowest \(milliseconds(slowest)) ms; all threads \(milliseconds(total / Double(ticks))) ms CPU a tick; \
            \(statistics.bytes >> 10) KiB, \(ratio(Double(statistics.tiers[0].bytes) / Double(max(statistics.tiers[0].samples, 1)))) \
            bytes a sample held, \(statistics.tiers[0].held) held; read \(ratio(read / Double(max(samples, 1)) * 1e9)) ns a sample \
            (\(ratio(read / summed)) x a sum)
            """)
        precondition(sum != 1)
        store.close()
        for sub in ["state", "run"] { try removeAll(directory + "/" + sub) }
        rmdir(directory)
    }

    private static func removeAll(_ directory: String) throws {
        guard let list = opendir(directory) else { return }
        while let entry = readdir(list) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            unlink(directory + "/" + name)
        }
        closedir(list)
        rmdir(directory)
    }

    private static func cpu(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func timed(_ body: () -> Void) -> Double {
        let start = cpu(CLOCK_MONOTONIC)
        body()
        return cpu(CLOCK_MONOTONIC) - start
    }

    private static func milliseconds(_ seconds: Double) -> Double { (seconds * 1e6).rounded() / 1e3 }
    private static func ratio(_ value: Double) -> Double { (value * 1e3).rounded() / 1e3 }
}

import Glibc
import VexportCore

/// `process_*`: what vexport itself uses, under the names that all Prometheus clients give it.
struct ProcessCollector: MetricSource {
    static let cpu = Metric(
        .counter, "process_cpu_seconds_total", "Total user and system CPU time spent in seconds.",
        source: "/proc/self/stat")
    static let resident = Metric(
        .gauge, "process_resident_memory_bytes", "Resident memory size in bytes.", source: "/proc/self/stat")
    static let virtual = Metric(
        .gauge, "process_virtual_memory_bytes", "Virtual memory size in bytes.", source: "/proc/self/stat")
    static let start = Metric(
        .gauge, "process_start_time_seconds", "Start time of the process since unix epoch in seconds.",
        source: "/proc/self/stat, /proc/stat btime")
    static let openDescriptors = Metric(
        .gauge, "process_open_fds", "Number of open file descriptors.", source: "/proc/self/fd")
    static let maximumDescriptors = Metric(
        .gauge, "process_max_fds", "Maximum number of open file descriptors.", source: "RLIMIT_NOFILE")
    static let threads = Metric(.gauge, "process_threads", "Number of threads.", source: "/proc/self/stat")

    static let all = [cpu, resident, virtual, start, openDescriptors, maximumDescriptors, threads]

    private let bootTime = ProcessCollector.readBootTime()

    func collect(into sink: inout SampleSink) {
        // The name in field 2 may hold anything; the fields after its closing parenthesis are plain numbers.
        let fields = SmallFile.read("/proc/self/stat").split(separator: ")").last?.split(separator: " ").map {
            Double($0) ?? 0
        }
        let hertz = Double(sysconf(Int32(_SC_CLK_TCK)))
        if let fields, fields.count > 21 {
            sink.add(Self.cpu, (fields[11] + fields[12]) / hertz)
            sink.add(Self.resident, fields[21] * Double(sysconf(Int32(_SC_PAGESIZE))))
            sink.add(Self.virtual, fields[20])
            sink.add(Self.threads, fields[17])
            if let bootTime { sink.add(Self.start, bootTime + fields[19] / hertz) }
        }
        if let count = Self.countDescriptors() { sink.add(Self.openDescriptors, Double(count)) }
        var limit = rlimit()
        if unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            sink.add(Self.maximumDescriptors, Double(limit.rlim_cur))
        }
    }

    private static func countDescriptors() -> Int? {
        guard let directory = unsafe opendir("/proc/self/fd") else { return nil }
        defer { unsafe closedir(directory) }
        var count = 0
        while unsafe readdir(directory) != nil { count += 1 }
        return count - 3  // ".", ".." and the directory itself
    }

    private static func readBootTime() -> Double? {
        for line in SmallFile.read("/proc/stat").split(separator: "\n") where line.hasPrefix("btime ") {
            return Double(line.dropFirst(6))
        }
        return nil
    }
}

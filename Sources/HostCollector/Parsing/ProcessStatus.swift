/// What /proc/PID/stat says of a process or thread.
struct ProcessStatus: Equatable {
    /// The program's name, 15 bytes at most, chosen by the program.
    var name: [UInt8]
    /// False for what has ended and only waits to be waited for. A process may live on without its first thread.
    var isAlive: Bool
    /// How many threads there are, the ended first one included.
    var threads: UInt64
    /// Since the boot, in clock ticks. With the number it tells a process from all others.
    var start: UInt64

    /// - Returns: nil for anything but a line of the kernel's.
    init?(stat: [UInt8]) {
        // The name is in parentheses and may hold any byte, more parentheses included.
        guard let open = stat.firstIndex(of: UInt8(ascii: "(")), let close = stat.lastIndex(of: UInt8(ascii: ")")),
            open < close
        else { return nil }
        name = Array(stat[(open + 1)..<close].prefix(64))
        let fields = stat[(close + 1)...].split(separator: UInt8(ascii: " "), maxSplits: 20)
        guard fields.count > 19, let state = fields[0].first, let threads = fields[17].number,
            let start = fields[19].number
        else { return nil }
        isAlive = state != UInt8(ascii: "Z") && state != UInt8(ascii: "X")
        self.threads = threads
        self.start = start
    }
}

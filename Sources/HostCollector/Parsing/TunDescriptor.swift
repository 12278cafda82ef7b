/// What /proc/PID/fdinfo/N says of a descriptor of /dev/net/tun.
enum TunDescriptor {
    /// The tap or tun that the descriptor is a queue of.
    ///
    /// - Returns: nil when it is attached to none. Source: `iff:` in fdinfo, which follows renames.
    static func device(in fdinfo: [UInt8]) -> [UInt8]? {
        for line in fdinfo.split(separator: UInt8(ascii: "\n")) {
            guard let value = line.dropping(prefix: "iff:") else { continue }
            let name = value.drop { $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: " ") }
            return name.isEmpty || name.count > longestName ? nil : Array(name)
        }
        return nil
    }

    /// IFNAMSIZ without the NUL.
    private static let longestName = 15
}

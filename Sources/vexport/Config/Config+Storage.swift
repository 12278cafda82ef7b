import RingStore

extension Config {
    /// What is kept, how much of it, and where. Read once, when vexport starts.
    struct Storage: ConfigSection {
        static let standardPath = "/var/lib/vexport"

        /// Empty for memory only.
        var path = standardPath
        var memory = 64 << 20
        var tiers = [
            Tier(interval: .seconds(1), retention: .seconds(3600)),
            Tier(interval: .seconds(60), retention: .seconds(86_400)),
        ]

        static let keys = [
            key(
                "path", \.path, .directory,
                "Where what outlives a restart is stored; empty for nowhere. --storage.path goes before it."),
            key(
                "memory", \.memory, .byteCount((1 << 20)...(64 << 30)),
                "What the history of links may take in memory, files in /run included. The oldest goes first."),
            key(
                "tiers", \.tiers, .tiers,
                "Resolutions of the history, from fine to coarse: 1 to 8."),
        ]
    }

    /// One resolution of the history.
    struct Tier: ConfigSection {
        var interval = Duration.seconds(1)
        var retention = Duration.seconds(3600)

        static let keys = [
            key(
                "interval", \.interval, .duration(.milliseconds(100)...(.seconds(86_400))),
                "Time between what is kept. The first tier keeps every reading, whatever this says."),
            key(
                "retention", \.retention, .duration(.seconds(1)...(.seconds(90 * 86_400))),
                "How long it is kept, if there is memory for it."),
        ]
    }
}

extension Config.Storage {
    /// The tiers of a store that gets a tick every `interval`: those that are no finer than that.
    func tiers(every interval: Duration) -> [RingOptions.Tier] {
        tiers.enumerated().compactMap { number, tier in
            if number == 0 { return RingOptions.Tier(interval: interval, retention: tier.retention) }
            return tier.interval <= interval
                ? nil : RingOptions.Tier(interval: tier.interval, retention: tier.retention)
        }
    }
}

extension ConfigFormat where Value == [Config.Tier] {
    /// As many as a store takes, each coarser than the one before.
    static var tiers: ConfigFormat {
        let list = ConfigFormat<[Placed<Config.Tier>]>.list(of: .placed(.tier))
        return ConfigFormat(
            takes: list.takes, nested: list.nested,
            show: { tiers in
                list.show(tiers.map { Placed(value: $0, place: YAMLPlace(line: 0, column: 0)) })
            }
        ) { node, problems in
            guard let tiers = list.read(node, &problems) else { return nil }
            guard (1...RingOptions.maximumTierCount).contains(tiers.count) else {
                problems.append(ConfigProblem(node.place, "expected 1 to \(RingOptions.maximumTierCount) tiers"))
                return nil
            }
            for (finer, coarser) in zip(tiers, tiers.dropFirst()) where finer.value.interval >= coarser.value.interval {
                problems.append(ConfigProblem(coarser.place, "expected a longer interval than the tier's before it"))
            }
            return tiers.map(\.value)
        }
    }
}

extension ConfigFormat where Value == Config.Tier {
    fileprivate static var tier: ConfigFormat {
        ConfigFormat(
            takes: "{interval, retention}", nested: Config.Tier.rows,
            show: { "{interval: \($0.interval.prometheusText), retention: \($0.retention.prometheusText)}" }
        ) { Config.Tier.read($0, &$1) }
    }
}

extension ConfigFormat where Value == String {
    /// Empty for none.
    static var directory: ConfigFormat {
        ConfigFormat(scalar: "a directory's path", show: { $0 }) { text in
            text.utf8.count <= 1_024 && text.utf8.allSatisfy { $0 >= 0x20 } ? text : nil
        }
    }
}

extension ConfigFormat where Value == Int {
    private static let byteUnits = [("GiB", 30), ("MiB", 20), ("KiB", 10), ("B", 0)]

    /// A whole number with its unit: `64MiB`.
    static func byteCount(_ range: ClosedRange<Int>) -> ConfigFormat {
        @Sendable func show(_ count: Int) -> String {
            let unit = byteUnits.first { count.trailingZeroBitCount >= $0.1 && count >> $0.1 > 0 } ?? ("B", 0)
            return "\(count >> unit.1)\(unit.0)"
        }
        return ConfigFormat(
            scalar: "bytes from \(show(range.lowerBound)) to \(show(range.upperBound))", show: show
        ) { text in
            guard let unit = byteUnits.first(where: { text.hasSuffix($0.0) }),
                let number = Int(text.dropLast(unit.0.count)), number >= 0
            else { return nil }
            let (count, overflow) = number.multipliedReportingOverflow(by: 1 << unit.1)
            return !overflow && range.contains(count) ? count : nil
        }
    }
}

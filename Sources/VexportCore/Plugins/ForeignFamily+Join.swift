extension ForeignFamily {
    /// Puts the metrics of several sources together: of a family that two have, the samples of both. The first who says a
    /// name decides on its type, and the first who has a series has it.
    ///
    /// - Returns: all families, and what of each source is left out. O(samples).
    public static func join(_ sources: [[ForeignFamily]]) -> (families: [ForeignFamily], losses: [MetricLosses]) {
        var families: [ForeignFamily] = []
        var claims: [String: Int] = [:]
        /// Series of the families that more than one source has.
        var shared: [Int: Set<[UInt8]>] = [:]
        let losses = sources.map { source in
            var losses = MetricLosses()
            for family in source {
                let holders = Set(family.claims.compactMap { claims[$0] })
                guard let place = holders.first else {
                    for name in family.claims { claims[name] = families.count }
                    families.append(family)
                    continue
                }
                let known = families[place]
                guard holders.count == 1, known.name == family.name, known.kind == family.kind else {
                    let problem = MetricProblem(
                        .clash,
                        "\(family.name), a \(family.kind.rawValue): another has \(known.name), a \(known.kind.rawValue)"
                    )
                    for _ in family.samples { losses.add(problem, .clash) }
                    continue
                }
                var series = shared[place] ?? Set(known.samples.map(\.series))
                for sample in family.samples {
                    if series.insert(sample.series).inserted {
                        families[place].samples.append(sample)
                    } else {
                        losses.add(MetricProblem(.duplicate, "\(family.name): another has this series"), .duplicate)
                    }
                }
                shared[place] = series
            }
            return losses
        }
        return (families, losses)
    }
}

extension FindingClass {
    /// A carrier that goes down and up too often. The penalty looks back, which is its grace.
    static let linkFlapping = FindingClass(.linkFlapping, grace: { _ in .zero }, isImmediate: true) { subject in
        guard let flaps = subject.flaps, flaps.isSuppressed else { return .fine }
        return .wrong(
            Diagnosed(
                reason: "its carrier goes down and up too often",
                evidence: [
                    Evidence("\(flaps.raw) flaps since it was first seen", "IFLA_CARRIER_DOWN_COUNT"),
                    Evidence("the penalty for them reached the threshold and has not faded yet", "damping"),
                ], command: subject.ip("-d -s link show dev DEVICE", on: subject.link)),
            restsOn: [])
    }
}

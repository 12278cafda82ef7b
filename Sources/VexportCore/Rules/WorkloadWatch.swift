/// The workloads that links lead to, from frame to frame: which came, and which went.
///
/// One has gone when no sweep over processes finds it any more. That a link leads to nobody says nothing: it may have been
/// renamed or deleted while its workload goes on.
struct WorkloadWatch: Sendable {
    private var present: [AlertSubject: Workload] = [:]
    private var links: FrameLinks?
    private var owners: OwnerIndex?

    /// Whether it was seen at the far end of a link, and has not gone since.
    func knows(_ subject: AlertSubject) -> Bool { present[subject] != nil }

    /// Looks at what changed since the last frame, which mostly is nothing.
    ///
    /// - Parameter tellsOfNew: false while those are being found that were there before vexport.
    /// - Returns: what rules are told of it.
    mutating func take(_ frame: TickFrame, tellsOfNew: Bool) -> [(event: RuleEvent, condition: AlertCondition)] {
        defer { (links, owners) = (frame.links, frame.owners) }
        var (started, stopped): ([AlertSubject: Workload], [AlertSubject: Workload]) = ([:], [:])
        if links !== frame.links {
            let earlier = links
            for slot in earlier.map(frame.links.changedSlots) ?? Array(0..<frame.links.slotCount) {
                guard let workload = frame.links[slot]?.workload, earlier?[slot]?.workload != workload else { continue }
                let subject = AlertSubject(workload)
                if present.updateValue(workload, forKey: subject) == nil { started[subject] = workload }
            }
            if earlier == nil || !tellsOfNew { started = [:] }
        }
        if owners !== frame.owners {
            let living = Set(frame.owners.workloads.map(AlertSubject.init))
            stopped = present.filter { !living.contains($0.key) }
            for subject in stopped.keys { present[subject] = nil }
        }
        return Self.events(.workloadStopped, stopped) + Self.events(.workloadStarted, started)
    }

    private static func events(
        _ event: RuleEvent, _ workloads: [AlertSubject: Workload]
    ) -> [(event: RuleEvent, condition: AlertCondition)] {
        workloads.sorted { $0.key.name < $1.key.name }.map { subject, workload in
            let facts = ["kind": "\(workload.kind)", "name": workload.name.description, "workload": workload.text]
            return (event, AlertCondition(subject, facts: facts))
        }
    }
}

extension AlertSubject {
    /// What a workload is called stays what it is as long as it runs. A container's name is the beginning of its id.
    init(_ workload: Workload) {
        let (name, id) = (workload.name.description, workload.id?.description)
        self.init(.owner, "\(workload.kind) \(name)" + (id.map { $0.hasPrefix(name) ? "" : " \($0)" } ?? ""))
    }
}

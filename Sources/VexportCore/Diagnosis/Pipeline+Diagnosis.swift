/// How the diagnosis takes part: judged with every tick, asked for questions and given answers by whoever may look.
extension Pipeline {
    /// For a command that looks once: what holds then is a finding, without grace.
    public static func forOneLook() -> Pipeline { Pipeline(diagnosis: Diagnosis(timing: .init(grace: 0))) }

    /// Counts flaps by other settings from now on; they make a difference with the next tick.
    public func setDamping(_ damping: FlapDamping) { diagnosis.setDamping(damping, at: .now) }

    /// Judges what changed, and publishes the findings if there is anything new.
    func diagnose(at now: Moment) {
        diagnosis.step(inventory, changed: unjudgedSlots, at: now)
        unjudgedSlots.removeAll(keepingCapacity: true)
        publishNews()
    }

    /// What the diagnosis wants to know now; nil when nothing.
    public func takeFactRequest(at now: Moment) -> FactRequest? {
        diagnosis.takeRequest(inventory, at: now.instant)
    }

    public func take(_ answer: FactAnswer, at now: Moment) {
        diagnosis.take(answer, inventory, at: now)
        publishNews()
    }

    /// What there is to say of a link.
    ///
    /// - Parameters:
    ///   - device: its name.
    ///   - namespace: its namespace's label; nil for vexport's own.
    ///   - isWatched: false after a single look, which can't tell since when anything holds.
    /// - Returns: nil when there is no such link.
    public func explain(device: String, namespace: String?, isWatched: Bool = true) -> Explanation? {
        let id =
            namespace == nil
            ? .own : inventory.namespaces.all.first { $0.label?.description == namespace && $0.id != .own }?.id
        guard let id, let link = inventory.links(in: id).first(where: { $0.state.name.description == device })
        else { return nil }
        let all = enriched(diagnosis.findings(inventory, owners))
        // What is wrong with a veth's other end is wrong with it.
        let findings = [link.place, link.peer].compactMap(\.self).flatMap { end in all.filter { $0.place == end } }
        return Explanation(
            link, in: inventory, findings.map { FindingRecord($0, isWatched: isWatched) },
            facts: diagnosis.sheet(of: link.place), reading: bridges?[link],
            workload: owners.workload(of: link, in: inventory))
    }

    private func publishNews() {
        guard let findings = diagnosis.takeNews(inventory, owners) else { return }
        judged = findings
        publishFindings(findings)
    }

    func publishFindings(_ findings: [Finding]) {
        let findings = enriched(findings)
        self.findings.publish(findings, diagnosis.flapReports(inventory), diagnosis.flapTable.damping)
        for observer in observers { observer.observe(findings) }
    }

    private func enriched(_ findings: [Finding]) -> [Finding] {
        findings.map { finding in
            var finding = finding
            finding.labels = enrichment[finding.link] ?? []
            return finding
        }
    }
}

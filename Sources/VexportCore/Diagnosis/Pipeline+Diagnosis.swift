/// How the diagnosis takes part: judged with every tick, asked for questions and given answers by whoever may look.
extension Pipeline {
    /// Judges what changed, and publishes the findings if there is anything new.
    func diagnose(at now: Moment) {
        diagnosis.step(inventory, changed: unjudgedSlots, at: now)
        unjudgedSlots.removeAll(keepingCapacity: true)
        publishFindings()
    }

    /// What the diagnosis wants to know now; nil when nothing.
    public func takeFactRequest(at now: Moment) -> FactRequest? {
        diagnosis.takeRequest(inventory, at: now.instant)
    }

    public func take(_ answer: FactAnswer, at now: Moment) {
        diagnosis.take(answer, inventory, at: now)
        publishFindings()
    }

    private func publishFindings() {
        guard let findings = diagnosis.takeNews(inventory) else { return }
        self.findings.publish(findings, diagnosis.flapReports(inventory))
    }
}

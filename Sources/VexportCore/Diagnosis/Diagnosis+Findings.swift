/// What the diagnosis has to say.
extension Diagnosis {
    /// The findings that hold, in the order of their classes, namespaces and names; nil when nothing changed since the last
    /// call.
    mutating func takeNews(_ inventory: Inventory, _ owners: OwnerIndex = OwnerIndex(Owners())) -> [Finding]? {
        guard hasNews else { return nil }
        hasNews = false
        return findings(inventory, owners)
    }

    func findings(_ inventory: Inventory, _ owners: OwnerIndex = OwnerIndex(Owners())) -> [Finding] {
        var findings: [Finding] = []
        for (slot, open) in suspicions {
            guard let link = inventory.link(slot: slot) else { continue }
            let label = inventory.namespaces[link.place.namespace]?.label
            // Without a label it could not be told from another link.
            guard label != nil || link.place.namespace == .own else { continue }
            for suspicion in open {
                guard let held = suspicion.held else { continue }
                var finding = Finding(suspicion.kind, link, label, held, since: suspicion.since)
                finding.workload = owners.workload(of: link, in: inventory)
                findings.append(finding)
            }
        }
        return findings.sorted { $0.order < $1.order }
    }

    /// What was looked at of a link.
    func sheet(of place: LinkPlace) -> LinkFactSheet? { facts.links[place] }

    /// Every link that ever flapped, with what that came to.
    func flapReports(_ inventory: Inventory) -> [FlapReport] {
        flapTable.flaps.compactMap { slot, flaps in
            guard let link = inventory.link(slot: slot), !link.nameIsTaken else { return nil }
            let label = inventory.namespaces[link.place.namespace]?.label
            guard label != nil || link.place.namespace == .own else { return nil }
            return FlapReport(device: link.state.name, namespace: label, flaps: flaps)
        }
    }
}

/// The flaps of one link, for showing.
struct FlapReport: Sendable {
    let device: EscapedText
    /// nil for vexport's own.
    let namespace: EscapedText?
    let flaps: LinkFlaps
}

extension Finding {
    init(_ kind: FindingKind, _ link: Link, _ namespace: EscapedText?, _ diagnosed: Diagnosed, since: Timestamp?) {
        self.init(
            kind: kind, link: link.identity, place: link.place, device: link.state.name, namespace: namespace,
            severity: diagnosed.severity, reason: diagnosed.reason, evidence: diagnosed.evidence,
            command: diagnosed.command, since: since)
    }

    fileprivate var order: (Int, String, String) {
        (FindingKind.allCases.firstIndex(of: kind)!, namespace?.description ?? "", device.description)
    }
}

import Notifier
import VexportCore

extension Config {
    /// What the file says of alerts, put together; what does not fit together is added to `problems`.
    func alertSettings(_ problems: inout [ConfigProblem]) -> AlertSettings {
        let problemCount = problems.count
        let (root, routes) = makeRoutes(&problems)
        let host = Host.name.description
        let settings = AlertSettings(
            rules: makeRules(&problems),
            externalLabels: ["instance": host.isEmpty ? "localhost" : host].merging(externalLabels) { $1 },
            root: root, routes: routes, receivers: makeReceivers(&problems), directory: storage.path,
            damping: damping)
        if let first = receivers.first, problems.count == problemCount,
            ([root] + routes).allSatisfy(\.receiver.isEmpty)
        {
            problems.append(
                ConfigProblem(first.place, "no route leads to a receiver, so nobody is told: expected route.receiver"))
        }
        return settings
    }

    /// The same of a file that has been checked.
    var alertSettings: AlertSettings {
        var problems: [ConfigProblem] = []
        return alertSettings(&problems)
    }
}

import Notifier
import VexportCore

extension Config {
    /// What the file says of alerts, put together; what does not fit together is added to `problems`.
    func alertSettings(_ problems: inout [ConfigProblem]) -> AlertSettings {
        let (root, routes) = makeRoutes(&problems)
        let host = Host.name.description
        return AlertSettings(
            rules: makeRules(&problems),
            externalLabels: ["instance": host.isEmpty ? "localhost" : host].merging(externalLabels) { $1 },
            root: root, routes: routes, receivers: makeReceivers(&problems), directory: storage.path,
            damping: damping)
    }

    /// The same of a file that has been checked.
    var alertSettings: AlertSettings {
        var problems: [ConfigProblem] = []
        return alertSettings(&problems)
    }
}

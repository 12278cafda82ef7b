import VexportCore

extension Config {
    /// `route`: who is told what no other route takes.
    struct Route: ConfigSection {
        var receiver: Placed<String>?
        var groupBy = ["alertname", "netns"]
        var groupWait = Duration.seconds(10)
        var groupInterval = Duration.seconds(300)
        var repeatInterval = Duration.seconds(4 * 3600)
        var routes: [Placed<SubRoute>] = []

        static let keys = [
            key("receiver", \.receiver, receiverFormat, "The receiver's name."),
            key(
                "group_by", \.groupBy, .list(of: .line("a label's name, or ...")),
                "Alerts that share these labels are told of together; [...] for each by itself."),
            key("group_wait", \.groupWait, waitFormat, "How long the first alert of a group waits for others."),
            key(
                "group_interval", \.groupInterval, intervalFormat,
                "How long changes of a group wait for the next message."),
            key("repeat_interval", \.repeatInterval, repeatFormat, "After how long what still fires is told of again."),
            key(
                "routes", \.routes, .list(of: .placed(.section)),
                "Other receivers for some alerts: the first that matches takes an alert."),
        ]

        static let receiverFormat = ConfigFormat<Placed<String>?>.optional(.placed(.line("a receiver's name")))
        static let waitFormat = ConfigFormat<Duration>.duration(.zero...(.seconds(3600)))
        static let intervalFormat = ConfigFormat<Duration>.duration(.seconds(1)...(.seconds(86_400)))
        static let repeatFormat = ConfigFormat<Duration>.duration(.seconds(1)...(.seconds(604_800)))
    }

    /// One of `route.routes`. What is missing is as in `route`.
    struct SubRoute: ConfigSection {
        var receiver: Placed<String>?
        var matchers: [LabelMatcher] = []
        var groupBy: [String]?
        var groupWait: Duration?
        var groupInterval: Duration?
        var repeatInterval: Duration?

        static let keys = [
            key("receiver", \.receiver, Route.receiverFormat, "The receiver's name."),
            key("matchers", \.matchers, .list(of: .matcher), "All of them must match."),
            key("group_by", \.groupBy, .optional(.list(of: .line("a label's name, or ..."))), "As in route."),
            key("group_wait", \.groupWait, .optional(Route.waitFormat), "As in route."),
            key("group_interval", \.groupInterval, .optional(Route.intervalFormat), "As in route."),
            key("repeat_interval", \.repeatInterval, .optional(Route.repeatFormat), "As in route."),
        ]
    }

    func makeRoutes(_ problems: inout [ConfigProblem]) -> (root: AlertRoute, routes: [AlertRoute]) {
        let names = receivers.compactMap(\.value.name)
        func known(_ receiver: Placed<String>?) -> String {
            guard let receiver else { return "" }
            if !names.contains(receiver.value) {
                let suggestion = Suggestion.text(for: receiver.value, among: names)
                problems.append(
                    ConfigProblem(receiver.place, "no receiver named \(shown(receiver.value))\(suggestion)"))
            }
            return receiver.value
        }
        let root = AlertRoute(
            receiver: known(route.receiver), groupBy: route.groupBy == ["..."] ? nil : route.groupBy,
            groupWait: route.groupWait, groupInterval: route.groupInterval, repeatInterval: route.repeatInterval)
        let routes = route.routes.map { entry in
            let sub = entry.value
            if sub.matchers.isEmpty {
                problems.append(ConfigProblem(entry.place, "a route without matchers would take every alert"))
            }
            var result = root
            if sub.receiver != nil { result.receiver = known(sub.receiver) }
            result.matchers = sub.matchers
            if let groupBy = sub.groupBy { result.groupBy = groupBy == ["..."] ? nil : groupBy }
            if let groupWait = sub.groupWait { result.groupWait = groupWait }
            if let groupInterval = sub.groupInterval { result.groupInterval = groupInterval }
            if let repeatInterval = sub.repeatInterval { result.repeatInterval = repeatInterval }
            return result
        }
        return (root, routes)
    }
}

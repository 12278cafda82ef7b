import Notifier
import TestSupport
import Testing
import VexportCore

@testable import vexport

struct AlertConfigTests {
    private func settings(_ text: String) throws(ConfigError) -> AlertSettings {
        try ConfigFile.parse(Array(text.utf8), path: "c.yaml").alertSettings
    }

    private func problems(_ text: String) -> [String] {
        do throws(ConfigError) { _ = try settings(text) } catch { return error.lines }
        return []
    }

    @Test("without a configuration the built-in rules hold, and nobody is told")
    func defaults() throws {
        let settings = try settings("")
        #expect(settings.rules == BuiltInRules.all && settings.receivers.isEmpty && settings.root.receiver.isEmpty)
        #expect(settings.externalLabels["instance"]?.isEmpty == false)
    }

    @Test("the design's example is read")
    func example() throws {
        let settings = try settings(
            """
            rules:
              - {alert: LinkFlapping, finding: link_flapping, labels: {severity: warning}}
              - {alert: VethAbandoned, finding: veth_peer_abandoned, for: 2m, labels: {severity: info}}
              - {alert: ManyDrops, rate: vexport_link_receive_dropped_packets_total, window: 1m, above: 100, for: 1m}
              - {alert: MACDuplicate, enabled: false}
            external_labels: {site: lab, instance: host7}
            route:
              receiver: ops
              group_by: [alertname, netns]
              group_wait: 10s
              group_interval: 5m
              repeat_interval: 4h
              routes: [{matchers: ['severity="page"'], receiver: pager, group_by: [...]}]
            receivers:
              - name: ops
                slack: [{url_file: /etc/vexport/secrets/slack}]
                webhook: [{url: "http://127.0.0.1:9999/", send_resolved: true}]
              - name: pager
                template: [{preset: pagerduty, secret_file: /etc/vexport/secrets/pagerduty}]
            """)
        func rule(_ name: String) -> Rule? { settings.rules.first { $0.name == name } }
        #expect(rule("LinkFlapping")?.annotations["summary"] != nil, "a built-in rule keeps what is not changed")
        #expect(rule("VethAbandoned")?.holdDuration == .seconds(120))
        #expect(rule("VethAbandoned")?.labels == ["severity": "info"])
        #expect(
            rule("ManyDrops")?.condition
                == .threshold(
                    Threshold(
                        "vexport_link_receive_dropped_packets_total", .rate(window: .seconds(60)), .above(100))))
        #expect(rule("MACDuplicate") == nil && settings.rules.count == BuiltInRules.all.count)
        #expect(settings.externalLabels == ["site": "lab", "instance": "host7"])
        #expect(settings.root == AlertRoute(receiver: "ops"))
        #expect(settings.routes[0].receiver == "pager" && settings.routes[0].groupBy == nil)
        #expect(settings.receivers["ops"]?.map(\.kind.name) == ["webhook", "slack"])
        #expect(settings.receivers["pager"]?.first?.endpoint.url == nil)
    }

    @Test("every built-in rule can be changed, and switched off, by its name", arguments: BuiltInRules.all.map(\.name))
    func tuning(name: String) throws {
        let builtIn = try #require(BuiltInRules.all.first { $0.name == name })
        let changed = try settings(
            """
            rules:
              - alert: \(name)
                for: 7m
                keep_firing_for: 3m
                links: {name: "tap*"}
                labels: {severity: page, team: network}
                annotations: {runbook: "https://wiki/{{device}}"}
            """
        ).rules
        #expect(changed.count == BuiltInRules.all.count)
        let rule = try #require(changed.first { $0.name == name })
        #expect(rule.condition == builtIn.condition && rule.isRootCause == builtIn.isRootCause)
        #expect(rule.holdDuration == .seconds(420) && rule.keepFiringDuration == .seconds(180))
        #expect(rule.links?.name == "tap*" && rule.links?.kind == builtIn.links?.kind)
        #expect(rule.labels == ["severity": "page", "team": "network"])
        #expect(rule.annotations["summary"] == builtIn.annotations["summary"])
        #expect(rule.annotations["runbook"]?.names == ["device"])
        let left = try settings("rules: [{alert: \(name), enabled: false}]").rules
        #expect(left == BuiltInRules.all.filter { $0.name != name })
    }

    @Test("the documentation lists the built-in rules")
    func documented() throws {
        let rows = try Repository.text("docs/alerts.md").split(separator: "\n").compactMap { line in
            line.hasPrefix("| `") ? line.split(separator: "`")[1] : nil
        }
        #expect(rows.map(String.init) == BuiltInRules.all.map(\.name))
    }

    @Test("every metric of links can be in a threshold by its value, and every counter by its rate")
    func thresholds() throws {
        for row in LinkMetrics.all where row.metric.kind != .info {
            let name = row.metric.name
            let isCounter = row.metric.kind == .counter
            let rules = try settings(
                """
                rules:
                  - {alert: Value, value: \(name), above: 1}
                  - {alert: Over, \(isCounter ? "rate" : "value"): \(name), window: 5m, below: 1}
                """
            ).rules.suffix(2)
            let over: Threshold.Reading = isCounter ? .rate(window: .seconds(300)) : .average(window: .seconds(300))
            #expect(
                rules.map(\.condition) == [
                    .threshold(Threshold(name, .value, .above(1))), .threshold(Threshold(name, over, .below(1))),
                ], "\(name)")
        }
    }

    @Test(
        "what is wrong is told with its place",
        arguments: [
            (
                "route: {receiver: opps}\nreceivers: [{name: ops, webhook: [{url: 'http://x'}]}]",
                "c.yaml:1:19: no receiver named 'opps' (did you mean 'ops'?)"
            ),
            ("route: {routes: [{receiver: x, matchers: [a=b]}]}", "c.yaml:1:29: no receiver named 'x'"),
            ("route: {routes: [{matchers: []}]}", "c.yaml:1:18: a route without matchers would take every alert"),
            ("route: {routes: [{matchers: ['a~b']}]}", "c.yaml:1:30: expected a matcher, such as"),
            ("route: {group_interval: 0s}", "c.yaml:1:25: expected a duration from 1s to 1d, got '0s'"),
            (
                "route: {group_wait: 1s}\nreceivers: [{name: a, webhook: [{url: 'http://x'}]}]",
                "c.yaml:2:13: no route leads to a receiver, so nobody is told: expected route.receiver"
            ),
            (
                "receivers: [{name: a}]",
                "c.yaml:1:13: expected at least one of webhook, alertmanager, slack, template or plugin"
            ),
            ("receivers: [{webhook: []}]", "c.yaml:1:13: a receiver without 'name'"),
            ("receivers: [{name: a, slack: [{}]}]", "c.yaml:1:31: expected url or url_file"),
            (
                "receivers: [{name: a, slack: [{url: 'ftp://x'}]}]",
                "c.yaml:1:37: expected an http:// or https:// URL, got"
            ),
            (
                "receivers: [{name: a, webhook: [{url: 'http://x', password: y}]}]",
                "c.yaml:1:51: unknown key 'password'"
            ),
            (
                "receivers: [{name: a, template: [{preset: telegram, target: '1'}]}]",
                "c.yaml:1:34: preset 'telegram' needs 'secret_file'"
            ),
            ("receivers: [{name: a, template: [{preset: icq}]}]", "c.yaml:1:43: expected discord or matrix or"),
            ("receivers: [{name: a, template: [{body: '{{text'}]}]", "c.yaml:1:41: '{{' without '}}' after it"),
            ("receivers: [{name: a, template: [{url: 'http://x'}]}]", "c.yaml:1:34: expected one of preset or body"),
            ("rules: [{finding: link_flapping}]", "c.yaml:1:9: a rule without 'alert', which names it"),
            (
                "rules: [{alert: A, finding: link_flaping}]",
                "c.yaml:1:9: no findings of class 'link_flaping' (did you mean 'link_flapping'?)"
            ),
            ("rules: [{alert: A, rate: vexport_link_carrier, above: 1}]", "c.yaml:1:9: no counter of links named"),
            ("rules: [{alert: A, value: vexport_link_carrier}]", "c.yaml:1:9: expected one of above or below"),
            (
                "rules: [{alert: A, event: carrier_down, value: x}]",
                "c.yaml:1:9: expected one of finding, event, rate or value"
            ),
            (
                "rules: [{alert: A, event: renamed, for: 1m}]",
                "c.yaml:1:9: 'for' with event 'renamed', which is over at once"
            ),
            (
                "rules: [{alert: A, value: vexport_link_receive_bytes_total, window: 1m, above: 1}]",
                "c.yaml:1:9: 'window' with the value of counter 'vexport_link_receive_bytes_total': use 'rate'"
            ),
            (
                "rules: [{alert: A, finding: link_flapping, above: 1}]",
                "c.yaml:1:9: 'window', 'above' and 'below' are for 'rate' and 'value' only"
            ),
            (
                "rules: [{alert: A, event: namespace_deleted, links: {name: a}}]",
                "c.yaml:1:9: 'links' with event 'namespace_deleted', which is of namespaces: only 'netns' makes sense"
            ),
            (
                "rules: [{alert: A, event: workload_stopped, links: {netns: a}}]",
                "c.yaml:1:9: 'netns' with event 'workload_stopped', which is of workloads: only 'name' and 'kind' make"
            ),
            ("rules: [{alert: A, value: vexport_link_info, above: 0}]", "c.yaml:1:9: no metric of links named"),
            ("rules: [{alert: A, event: carrier_lost}]", "c.yaml:1:27: expected created or deleted or"),
            ("rules: [{alert: A, event: created}, {alert: A, event: deleted}]", "c.yaml:1:37: a second rule named 'A'"),
        ])
    func wrong(text: String, message: String) {
        let told = problems(text)
        #expect(told.count == 1 && told.first?.hasPrefix(message) == true, "\(told)")
    }
}

import Foundation
import Synchronization
import TestSupport
import Testing

@testable import PluginHost
@testable import VexportCore

/// What plugins do beside metrics: labels for links, events and findings, deliveries.
@Suite(.serialized) struct HookTests {
    private func hosted(
        _ hooks: [PluginHook], _ body: String, _ change: (inout PluginSettings) -> Void = { _ in }
    ) throws -> Hosted {
        let folder = try Folder()
        var settings = try folder.streamPlugin("p", body)
        settings.hooks = hooks
        change(&settings)
        return try Hosted([settings], in: folder)
    }

    @Test("labels come to a link's infos, soon after it came, and to its findings and snapshots")
    func enrich() throws {
        let hosted = try hosted(
            [.enrich],
            """
            def answer(q):
                links = [{'link': link['link'], 'labels': {'tenant': 'of ' + link['device'], 'kind': 'x', '1': 'y'}}
                         for link in q['links'] if link['kind'] == 'tap']
                say(type='result', id=q['id'], links=links)
            """
        ) { $0.interval = .seconds(3600) }
        hosted.tick(["tap0": .tap, "veth0": .veth])
        try wait("a label") { hosted.tick(["tap0": .tap, "veth0": .veth]).contains(#"tenant="of tap0""#) }
        try wait("a new one's") {
            hosted.tick(["tap0": .tap, "veth0": .veth, "tap1": .tap]).contains(#"tenant="of tap1""#)
        }
        let page = hosted.tick(["tap0": .tap, "veth0": .veth, "tap1": .tap])
        #expect(page.contains(#"vexport_link_info{device="tap0",kind="tap",tenant="of tap0"} 1"#), "\(page)")
        #expect(!page.contains(#"device="veth0",kind="veth",tenant"#) && !page.contains(#"kind="x""#))
        try hosted.wait(for: #"vexport_plugin_dropped_total{plugin="p",reason="clash"} 2"#)
        try hosted.wait(for: #"vexport_plugin_dropped_total{plugin="p",reason="label"} 2"#)
        let snapshot = Snapshot(
            frame: hosted.pipeline.frames.latest!, previous: nil, host: "h", madeBy: "v", isFromDaemon: true)
        #expect(snapshot.links.first { $0.name == "tap0" }?.labels == ["tenant": "of tap0"])
        // A plugin that is gone takes its labels along.
        hosted.host.apply([])
        try wait("their end") { !hosted.tick(["tap0": .tap]).contains("tenant") }
    }

    @Test("a plugin that is started once an interval reads the links and prints their labels")
    func enrichByInterval() throws {
        let hosted = try Hosted(
            #"exec python3 -c 'import json,sys; print(json.dumps({"links":[{"link":l["link"],"labels":{"at":str(l["ifindex"])}} for l in json.load(sys.stdin)["links"]]}))'"#
        ) { $0.hooks = [.enrich] }
        try wait("a label") { hosted.tick(["tap0": .tap]).contains(#"kind="tap",at="1"} 1"#) }
        try hosted.wait(for: "vexport_plugin_up{plugin=\"p\"} 1")
    }

    @Test("answers about links that were not asked about, and what is no list of labels, change nothing")
    func wrongLabels() throws {
        let hosted = try hosted(
            [.enrich],
            """
            def answer(q):
                say(type='result', id=q['id'], links=[{'link': 99, 'labels': {'a': 'b'}}] if q['id'] == 1 else 7)
            """
        ) { $0.interval = .milliseconds(50) }
        hosted.tick(["tap0": .tap])
        try hosted.wait(for: #"vexport_plugin_dropped_total{plugin="p",reason="unknown_link"} 1"#)
        try wait("the failure") {
            hosted.log.contains("the plugin failed: answered with what is no list of links with labels")
        }
        #expect(!hosted.tick(["tap0": .tap]).contains(#"a="b""#))
    }

    @Test("events and findings are told to who observes: what there is at its start, and then what changes")
    func observe() throws {
        let hosted = try hosted(
            [.observe],
            """
            out = open(os.environ['OUT'], 'a', buffering=1)
            def answer(q):
                for event in q.get('events', []): out.write('%s %s\\n' % (event['type'], event['device']))
                for key in ('raised', 'resolved'):
                    for finding in q.get(key, []): out.write('%s %s\\n' % (key, finding['class']))
            """
        ) { $0.environment = ["OUT": $0.command[0] + ".out"] }
        func lines() -> [String] {
            ((try? String(contentsOfFile: hosted.folder.path + "/p.out", encoding: .utf8)) ?? "")
                .split(separator: "\n").map(String.init)
        }
        let finding = Finding(
            kind: .linkFlapping, link: LinkIdentity(index: 1, birth: 0), place: LinkPlace(.own, 1), device: "tap0",
            namespace: nil, severity: .warning, reason: "it flaps", evidence: [], command: nil, since: nil)
        hosted.host.observe([finding])
        try wait("the finding") { lines() == ["raised link_flapping"] }
        hosted.tick(["tap0": .tap])
        hosted.tick(["tap0": .tap, "tap1": .tap])
        hosted.host.observe([Finding]())
        try wait("the rest in \(lines())") { Set(lines().dropFirst()) == ["created tap1", "resolved link_flapping"] }
    }

    @Test("a notification is delivered by a plugin, or said why not")
    func deliver() throws {
        let hosted = try hosted(
            [.deliver],
            """
            def answer(q):
                status = q['notification']['status']
                if status == 'firing': say(type='result', id=q['id'])
                else: say(type='error', id=q['id'], error='out of paper')
            """)
        try hosted.wait(for: "vexport_plugin_up{plugin=\"p\"} 1")
        let results = Mutex<[DeliveryVerdict]>([])
        func deliver(_ text: String, by plugin: String) {
            hosted.host.deliver(PluginNotification(plugin: plugin, json: Array(text.utf8))) { verdict in
                results.withLock { $0.append(verdict) }
            }
        }
        func result() throws -> DeliveryVerdict {
            try wait("a result") { results.withLock { !$0.isEmpty } }
            return results.withLock { $0.removeFirst() }
        }
        deliver(#"{"status":"firing"}"#, by: "p")
        #expect(try result() == .delivered)
        deliver(#"{"status":"resolved"}"#, by: "p")
        #expect(try result() == .retry(reason: "answered with an error: out of paper"))
        deliver("{}", by: "q")
        #expect(try result() == .retry(reason: "the plugin is not ready"))
    }

    @Test("a notification that a plugin has when it is ended is not lost sight of")
    func deliverAtEnd() throws {
        let hosted = try hosted([.deliver], "def answer(q): print('has it', file=sys.stderr, flush=True)")
        try hosted.wait(for: "vexport_plugin_up{plugin=\"p\"} 1")
        let results = Mutex<[DeliveryVerdict]>([])
        hosted.host.deliver(PluginNotification(plugin: "p", json: Array("{}".utf8))) { verdict in
            results.withLock { $0.append(verdict) }
        }
        try wait("the plugin") { hosted.log.contains("has it") }
        hosted.host.apply([])
        try wait("its end") { results.withLock { !$0.isEmpty } }
        #expect(results.withLock { $0 } == [.retry(reason: "the plugin was ended")])
    }
}

import Foundation
import TestSupport
import Testing

@testable import PluginHost

/// Programs that speak the line protocol, the well-behaved and the others.
@Suite(.serialized) struct StreamTests {
    /// A plugin in Python that has said hello: `answer(question)` is called for each line after that.
    private func hosted(_ body: String, _ change: (inout PluginSettings) -> Void = { _ in }) throws -> Hosted {
        let folder = try Folder()
        var settings = try folder.streamPlugin("p", body)
        change(&settings)
        return try Hosted([settings], in: folder)
    }

    @Test("one process answers again and again")
    func collects() throws {
        let hosted = try hosted(
            """
            count = 0
            def answer(q):
                global count
                count += 1
                say(type='result', id=q['id'], text=f'process {os.getpid()}\\nanswers {count}\\n')
            """
        ) { $0.interval = .milliseconds(50) }
        try hosted.wait(for: "answers 3")
        try hosted.wait(for: "vexport_plugin_up{plugin=\"p\"} 1")
        try hosted.wait(for: "vexport_plugin_series{plugin=\"p\"} 2")
        #expect(hosted.page.contains("vexport_plugin_restarts_total{plugin=\"p\"} 0\n"))
    }

    @Test("an answer that comes late, or to another's request, is dropped and counted")
    func foreign() throws {
        let hosted = try hosted(
            """
            def answer(q):
                say(type='result', id=q['id'] + 1000, text='foreign 1\\n')
                # The first waits until another is asked: then it is late.
                for number in [] if q['id'] == 1 else [1, 2] if q['id'] == 2 else [q['id']]:
                    say(type='result', id=number, text='answer %d\\n' % number)
            """
        ) {
            $0.timeout = .milliseconds(200)
            $0.interval = .milliseconds(250)
        }
        try hosted.wait(for: "vexport_plugin_dropped_total{plugin=\"p\",reason=\"late\"} 1")
        #expect(!hosted.page.contains("answer 1\n"))
        try wait("a later answer") { hosted.page.contains("\nanswer ") }
        #expect(hosted.page.contains("reason=\"unknown_id\"") && !hosted.page.contains("foreign"))
        #expect(hosted.log.contains("unknown_id: an answer to a request that was never its own plugin=p"))
        #expect(hosted.page.contains("vexport_plugin_restarts_total{plugin=\"p\"} 0\n"))
    }

    @Test("one that crashes is started again and counts on, without metrics meanwhile")
    func crashes() throws {
        let hosted = try hosted(
            """
            def answer(q):
                if os.path.exists(os.environ['FLAG']): os.kill(os.getpid(), signal.SIGSEGV)
                say(type='result', id=q['id'], text='works 1\\n')
            """
        ) {
            $0.environment = ["FLAG": $0.command[0] + ".flag"]
            $0.interval = .milliseconds(50)
            $0.timeout = .milliseconds(50)
        }
        try hosted.wait(for: "works 1")
        try hosted.folder.write("p.flag", "")
        try hosted.wait(for: "vexport_plugin_up{plugin=\"p\"} 0")
        try wait("its metrics' end") { !hosted.page.contains("works") }
        try wait("the log") { hosted.log.contains("the plugin failed: killed by signal 11") }
        unlink(hosted.folder.path + "/p.flag")
        try hosted.wait(for: "works 1")
        try wait("the log") { hosted.log.contains("the plugin works again") }
    }

    @Test(
        "what a hostile program does costs itself, and metrics and log say which and why",
        arguments: [
            ("def answer(q): sys.stdout.buffer.write(b'{\\xff}\\n'); sys.stdout.flush()", "line", "{\\xff}"),
            ("def answer(q): print('{', flush=True)", "line", "no line of the protocol: {"),
            ("def answer(q): print('half', end='', flush=True)", nil, "took longer than"),
            ("def answer(q): os.close(1)", nil, "took longer than"),
            ("os.close(0); time.sleep(60)", nil, "closed its standard input"),
            ("signal.signal(signal.SIGTERM, signal.SIG_IGN)\ndef answer(q): time.sleep(60)", nil, "without an answer"),
            (
                "def answer(q): [os.write(1, b'x' * 65536) for _ in range(16384)]", nil,
                "printed a line of more than 1048576 bytes"
            ),
            ("while True: print()", "line", "100 lines in a row"),
            (
                "def answer(q): say(type='result', id=q['id'], text='x 1\\nx 2\\n')",
                "duplicate", "duplicate"
            ),
            ("def answer(q): say(type='result', id=q['id'], text='x{')", "syntax", "not Prometheus' text format"),
            ("def answer(q): say(type='error', id=q['id'], error='no\\033[31m')", nil, "with an error: no\\x1b[31m"),
        ])
    func hostile(body: String, reason: String?, text: String) throws {
        let hosted = try hosted(body) {
            $0.interval = .milliseconds(120)
            $0.timeout = .milliseconds(100)
        }
        try wait("\(text) in the log", seconds: 10) { hosted.log.contains(text) }
        if let reason {
            try wait("\(reason) on \(hosted.page)") { hosted.page.contains("plugin=\"p\",reason=\"\(reason)\"}") }
        }
    }

    @Test("a plugin that does not end by itself is killed with all that it started")
    func stops() throws {
        let mark = "34\(getpid())7"
        do {
            let hosted = try hosted(
                """
                import subprocess
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                subprocess.Popen(['sleep', '\(mark)'], start_new_session=True)
                def answer(q): say(type='result', id=q['id'], text='works 1\\n')
                """)
            try hosted.wait(for: "works 1")
        }
        #expect((try? Command.run(["pgrep", "-f", "sleep \(mark)"])) == nil)
    }
}

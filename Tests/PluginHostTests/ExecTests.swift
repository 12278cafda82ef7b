import Foundation
import TestSupport
import Testing

@testable import PluginHost

/// Programs that the host runs, the well-behaved and the others.
@Suite(.serialized) struct ExecTests {
    /// Processes whose command line has `mark` in it.
    private func running(_ mark: String) -> [String] {
        ((try? Command.run(["pgrep", "-af", mark])) ?? "").split(separator: "\n").map(String.init)
            .filter { !$0.contains("pgrep") }
    }

    @Test("what a program prints is on the page, and what it says on standard error in the log")
    func collects() throws {
        let hosted = try Hosted("echo 'says \u{1b}[31mred' >&2; echo '# TYPE tenants gauge'; echo 'tenants 3'")
        try hosted.wait(for: "tenants 3")
        try hosted.wait(for: "vexport_plugin_up{plugin=\"p\"} 1")
        try hosted.wait(for: "vexport_plugin_series{plugin=\"p\"} 1")
        try hosted.wait(for: "vexport_plugin_restarts_total{plugin=\"p\"} 1")
        try wait("the log") { hosted.log.contains("says \\x1b[31mred plugin=p") }
    }

    @Test("a program gets no capability and no way to one, three descriptors, a session, and a clean environment")
    func confined() throws {
        setenv("VEXPORT_TEST_SECRET", "x", 1)
        defer { unsetenv("VEXPORT_TEST_SECRET") }
        // A descriptor that was forgotten to be closed on exec.
        let null = open("/dev/null", O_RDONLY)
        let leaky = fcntl(null, F_DUPFD, 100)
        close(null)
        defer { close(leaky) }
        let hosted = try Hosted(
            """
            status() { sed -n "s/^$1:[[:space:]]*//p" /proc/self/status; }
            for name in CapInh CapPrm CapEff CapBnd CapAmb SigBlk SigIgn; do
              echo "bits{name=\\"$name\\",value=\\"$(status $name | tr -d 0)\\"} 1"
            done
            echo "no_new_privs $(status NoNewPrivs)"
            echo "niceness $(cut -d' ' -f19 /proc/$$/stat)"
            for file in /proc/$$/fd/*; do echo "descriptor{number=\\"${file##*/}\\"} 1"; done
            echo "session_leader $(($(cut -d' ' -f6 /proc/$$/stat) == $$))"
            env | grep -v '^PWD=' | sort | sed 's/"//g; s/.*/variable{text="&"} 1/'
            """
        ) { $0.environment = ["MINE": "a b"] }
        try hosted.wait(for: "session_leader 1")
        let page = hosted.page
        let names = ["CapInh", "CapPrm", "CapEff", "CapAmb", "SigBlk", "SigIgn"] + (geteuid() == 0 ? ["CapBnd"] : [])
        for name in names { #expect(page.contains("bits{name=\"\(name)\"} 1\n"), "\(page)") }
        #expect(page.contains("\nno_new_privs 1\n") && page.contains("\nniceness 10\n"))
        let descriptors = page.matches(of: /\ndescriptor{number="([0-9]+)"}/).map { String($0.1) }
        // 10 is the script, 3 the directory that it reads.
        #expect(Set(descriptors).isSuperset(of: ["0", "1", "2"]))
        #expect(Set(descriptors).isSubset(of: ["0", "1", "2", "3", "10"]), "\(descriptors)")
        let variables = page.split(separator: "\n").filter { $0.hasPrefix("variable{") }.map {
            $0.dropFirst(15).dropLast(4)
        }
        #expect(
            variables == [
                "HOME=/", "LANG=C.UTF-8", "MINE=a b",
                "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "VEXPORT_PLUGIN=p",
            ])
    }

    @Test("a program that hangs, deaf to SIGTERM, is killed with its children, and says so in metrics and log")
    func hangs() throws {
        let mark = "31\(getpid())7"
        let hosted = try Hosted("trap '' TERM; sleep \(mark) & sleep \(mark)") {
            $0.timeout = .milliseconds(150)
            $0.interval = .seconds(60)
        }
        try hosted.wait(for: "vexport_plugin_up{plugin=\"p\"} 0")
        #expect(hosted.log.contains("the plugin failed: took longer than 0.15 s plugin=p"))
        try wait("its end") { running("sleep \(mark)").isEmpty }
    }

    @Test("what leaves its plugin's process group is found and ended, whatever it does to hide")
    func leaves() throws {
        let mark = "32\(getpid())7"
        let hosted = try Hosted(
            """
            setsid sh -c 'setsid sh -c "trap \\"\\" TERM HUP; touch $0.ready; sleep \(mark); sleep \(mark)" $0 & exit' "$0" > /dev/null 2>&1 < /dev/null &
            sleep \(mark) > /dev/null 2>&1 &
            until test -e "$0.ready"; do sleep 0.01; done
            echo 'left 1'
            """
        ) { $0.interval = .seconds(60) }
        try hosted.wait(for: "left 1")
        try wait("their end") { running("sleep \(mark)").isEmpty }
        try wait("the log") { hosted.log.contains("ended a process that a plugin left behind") }
    }

    @Test("a program that prints without end is killed at its limit")
    func floods() throws {
        let hosted = try Hosted("exec cat /dev/zero") {
            $0.mostOutput = 100_000
            $0.interval = .seconds(60)
        }
        try hosted.wait(for: "vexport_plugin_up{plugin=\"p\"} 0")
        #expect(hosted.log.contains("printed more than 100000 bytes"))
    }

    @Test(
        "rubbish costs the plugin's metrics and nothing else, with the reason",
        arguments: [
            ("printf 'half 1\\nhal'", "syntax", "cut off"),
            ("printf 'x{a=\"\\377\"} 1\\n'", "syntax", "no UTF-8"),
            ("echo 'x 1 1795496005250'", "timestamp", "a timestamp"),
            ("head -c 1000 /dev/urandom", "syntax", "line 1"),
        ])
    func rubbish(script: String, reason: String, text: String) throws {
        let hosted = try Hosted(script) { $0.interval = .seconds(60) }
        try hosted.wait(for: "vexport_plugin_dropped_total{plugin=\"p\",reason=\"\(reason)\"} 1")
        try hosted.wait(for: "vexport_plugin_up{plugin=\"p\"} 0")
        #expect(hosted.log.contains(text), "\(hosted.log.all)")
    }

    @Test("metrics that are vexport's own or another plugin's are left out, and counted")
    func clashes() throws {
        let folder = try Folder()
        let hosted = try Hosted(
            [
                try folder.plugin("a", "echo '# TYPE x gauge'; echo 'x 1'; echo 'process_open_fds 1'"),
                try folder.plugin("b", "echo '# TYPE x counter'; echo 'x 2'"),
            ], in: folder)
        try hosted.wait(for: "x 1")
        try wait("the counts") {
            hosted.page.contains("vexport_plugin_dropped_total{plugin=\"a\",reason=\"clash\"}")
                && hosted.page.contains("vexport_plugin_dropped_total{plugin=\"b\",reason=\"clash\"}")
        }
        #expect(!hosted.page.contains("\nx 2\n") && !hosted.page.contains("\nprocess_open_fds 1\n"))
        #expect(hosted.log.contains("process_open_fds: vexport's own name plugin=a"))
    }

    @Test("a plugin that fails has no metrics until it works again, and the log tells both once")
    func recovers() throws {
        let hosted = try Hosted("test -e $FLAG && exit 3; echo 'works 1'") {
            $0.environment = ["FLAG": $0.command[0] + ".flag"]
        }
        try hosted.wait(for: "works 1")
        try hosted.folder.write("p.flag", "")
        try hosted.wait(for: "vexport_plugin_up{plugin=\"p\"} 0")
        try wait("its metrics' end") { !hosted.page.contains("works") }
        unlink(hosted.folder.path + "/p.flag")
        try hosted.wait(for: "works 1")
        #expect(hosted.log.all.filter { $0 == "the plugin failed: exit status 3 plugin=p" }.count == 1)
        #expect(hosted.log.contains("the plugin works again plugin=p"))
    }

    @Test("other settings restart a plugin, the same ones do not, and one that is gone takes its metrics along")
    func reload() throws {
        let folder = try Folder()
        var settings = try folder.plugin("p", "echo \"started $VALUE\"")
        settings.environment = ["VALUE": "1"]
        settings.interval = .seconds(60)
        let hosted = try Hosted([settings], in: folder)
        try hosted.wait(for: "started 1")
        hosted.host.apply([settings])
        settings.environment = ["VALUE": "2"]
        hosted.host.apply([settings])
        try hosted.wait(for: "started 2")
        hosted.host.apply([])
        try wait("its metrics' end") { !hosted.page.contains("started") && !hosted.page.contains("plugin=\"p\"") }
    }

    @Test("a program or directory that others may write, or own, is not started")
    func untrusted() throws {
        let folder = try Folder()
        let settings = try folder.plugin("p", "echo 'x 1'")
        func failure() -> String { (try? TrustedFile.check(settings.command[0])) == nil ? reason() : "" }
        func reason() -> String {
            do throws(PluginFailure) { try TrustedFile.check(settings.command[0]) } catch { return "\(error)" }
            return ""
        }
        #expect(failure() == "")
        chmod(settings.command[0], 0o775)
        #expect(failure().contains("/p may be written by others"))
        chmod(settings.command[0], 0o755)
        chmod(folder.path, 0o777)
        #expect(failure().contains("\(folder.path) may be written by others"))
        chmod(folder.path, 0o755)
        chown(folder.path, 12_345, 12_345)
        #expect(failure().contains("belongs to user 12345"))
        chown(folder.path, 0, 0)
        let link = folder.path + "/link"
        // A link that leads to a trusted program by way of a place that others may change.
        let open = folder.path + "/open"
        mkdir(open, 0o777)
        chmod(open, 0o777)
        symlink("/bin/true", open + "/way")
        symlink("open/../open/way", link)
        #expect(throws: PluginFailure("\(open) may be written by others, who could change what runs: chmod go-w it")) {
            try TrustedFile.check(link)
        }
        chmod(open, 0o755)
        #expect(throws: Never.self) { try TrustedFile.check(link) }
        unlink(link)
        symlink("p2", link)
        symlink("p3", folder.path + "/p2")
        symlink(link, folder.path + "/p3")
        #expect(throws: PluginFailure("\(link): too many symbolic links")) { try TrustedFile.check(link) }
        unlink(link)
        symlink("/tmp/nowhere", link)
        #expect(throws: PluginFailure.self) { try TrustedFile.check(link) }
        #expect(throws: PluginFailure.self) { try TrustedFile.check("bin/sh") }
        // A script that an interpreter runs is looked at too.
        chmod(settings.command[0], 0o757)
        var interpreted = settings
        interpreted.command = ["/bin/sh", settings.command[0]]
        let hosted = try Hosted([interpreted], in: folder)
        try hosted.wait(for: "vexport_plugin_up{plugin=\"p\"} 0")
        #expect(hosted.log.contains("may be written by others, who could change what runs: chmod go-w it"))
    }

    @Test("another user is become, with that user's groups alone")
    func user() throws {
        let hosted = try Hosted("echo \"ids{groups=\\\"$(id -G)\\\"} $(id -u)\"") { $0.user = "nobody" }
        try hosted.wait(for: "ids{groups=\"65534\"} 65534")
    }

    @Test("a user that does not exist, or a program that can't be run, is told")
    func missing() throws {
        let folder = try Folder()
        var (ghost, absent) = (try folder.plugin("ghost", ""), try folder.plugin("absent", ""))
        ghost.user = "nobody-of-that-name"
        absent.command = [folder.path + "/absent-program"]
        var text = try folder.plugin("text", "")
        chmod(text.command[0], 0o644)
        text.interval = .seconds(60)
        let hosted = try Hosted([ghost, absent, text], in: folder)
        for name in ["ghost", "absent", "text"] { try hosted.wait(for: "vexport_plugin_up{plugin=\"\(name)\"} 0") }
        #expect(hosted.log.contains("user nobody-of-that-name: no such user"))
        #expect(hosted.log.contains("absent-program: No such file or directory"))
        #expect(hosted.log.contains("execve: Permission denied"))
    }
}

import Foundation
import Synchronization
import TestSupport
import Testing

@testable import PluginHost
@testable import VexportCore

/// Plugins that are shared libraries, in a process of their own.
@Suite(.serialized) struct LibraryTests {
    /// A plugin in C.
    ///
    /// - Parameter members: of `struct vexport_plugin`, after the version.
    private func hosted(
        _ code: String, _ members: String, abi: String = "VEXPORT_PLUGIN_ABI", hooks: [PluginHook] = [.collect],
        _ change: (inout PluginSettings) -> Void = { _ in }
    ) throws -> Hosted {
        let folder = try Folder()
        try folder.write(
            "p.c",
            """
            #include <vexport_plugin.h>
            #include <stdio.h>
            #include <string.h>
            #define SAY(text) sink->write(sink, text, strlen(text))
            \(code)
            const struct vexport_plugin *vexport_plugin(void) {
              static const struct vexport_plugin plugin = {.abi = \(abi), \(members)};
              return &plugin;
            }
            """)
        let include = Repository.root.appendingPathComponent("packaging/include").path
        try Command.run([
            "cc", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror", "-I", include, "-o", "\(folder.path)/p.so",
            "\(folder.path)/p.c",
        ])
        var settings = PluginSettings(name: "p", library: "\(folder.path)/p.so", hooks: hooks)
        // These tests are another program than the one that runs libraries.
        settings.command[0] = Repository.root.appendingPathComponent(".build/debug/vexport").path
        settings.interval = .milliseconds(50)
        settings.backoff.first = .milliseconds(10)
        change(&settings)
        return try Hosted([settings], in: folder)
    }

    @Test("all hooks of a library are called, with its state, and what it prints goes to the log")
    func hooks() throws {
        let hosted = try hosted(
            """
            static int count;
            static int open_it(const char *name, void **state, struct vexport_sink *sink) {
              (void)sink;
              printf("opened as %s\\n", name);
              fflush(stdout);
              *state = &count;
              return 0;
            }
            static int collect(void *state, struct vexport_sink *sink) {
              char text[64];
              snprintf(text, sizeof text, "counted %d\\n", ++*(int *)state);
              SAY(text);
              return 0;
            }
            static int enrich(void *state, const struct vexport_link *link, struct vexport_sink *sink) {
              (void)state;
              sink->label(sink, "its_kind", link->kind);
              if (link->netns == NULL && link->master == NULL) sink->label(sink, "its_name", link->device);
              return 0;
            }
            static void observe(void *state, const char *line) {
              (void)state;
              fprintf(stderr, "told %.30s\\n", line);
            }
            static int deliver(void *state, const char *line, struct vexport_sink *sink) {
              (void)state;
              if (strstr(line, "good") != NULL) return 0;
              sink->fail(sink, "not good");
              return 7;
            }
            static void close_it(void *state) { fprintf(stderr, "closed at %s\\n", *(int *)state > 2 ? "3" : "?"); }
            """,
            """
            .open = open_it, .collect = collect, .enrich = enrich, .observe = observe, .deliver = deliver, .close = close_it
            """, hooks: [.collect, .enrich, .observe, .deliver])
        try hosted.wait(for: "counted 3")
        #expect(hosted.log.contains("opened as p"))
        try wait("labels") {
            hosted.tick(["tap0": .tap]).contains(#"{device="tap0",kind="tap",its_kind="tap",its_name="tap0"}"#)
        }
        hosted.tick(["tap0": .tap, "tap1": .tap])
        try wait("the event") { hosted.log.contains(#"told {"type":"events","#) }
        let refusal = DeliveryVerdict.retry(reason: "answered with an error: deliver returned 7: not good")
        for (text, result) in [("good", .delivered), ("bad", refusal)] {
            let results = Mutex<[DeliveryVerdict]>([])
            hosted.host.deliver(PluginNotification(plugin: "p", json: Array("\"\(text)\"".utf8))) { verdict in
                results.withLock { $0.append(verdict) }
            }
            try wait("a result") { results.withLock { !$0.isEmpty } }
            #expect(results.withLock { $0 } == [result])
        }
        hosted.host.stop()
        #expect(hosted.log.contains("closed at 3"))
    }

    @Test("a library that crashes costs its metrics only, and is loaded again")
    func crash() throws {
        let hosted = try hosted(
            """
            static int collect(void *state, struct vexport_sink *sink) {
              (void)state;
              static int count;
              if (++count == 3) *(volatile int *)0 = 1;
              SAY("works 1\\n");
              return 0;
            }
            """, ".collect = collect")
        try hosted.wait(for: "works 1")
        try wait("the crash") { hosted.log.contains("the plugin failed: killed by signal") }
        try hosted.wait(for: "works 1")
    }

    @Test(
        "a library of another version, without a hook, that fails, or that is none, is told",
        arguments: [
            (
                ".collect = collect", "VEXPORT_PLUGIN_ABI + 1",
                "is for version 2 of vexport_plugin.h; this vexport has 1"
            ),
            (".close = 0", "VEXPORT_PLUGIN_ABI", "does not have the hook 'collect' that the configuration names"),
            (".collect = collect", "VEXPORT_PLUGIN_ABI", "answered with an error: collect returned 1: out of\\x09luck"),
            (".collect = collect, .open = no", "VEXPORT_PLUGIN_ABI", "answered with an error: open returned -1"),
        ])
    func refused(members: String, abi: String, text: String) throws {
        let hosted = try hosted(
            """
            __attribute__((unused)) static int no(const char *name, void **state, struct vexport_sink *sink) {
              (void)name, (void)state, (void)sink;
              return -1;
            }
            __attribute__((unused)) static int collect(void *state, struct vexport_sink *sink) {
              (void)state;
              sink->fail(sink, "out of\\tluck");
              return 1;
            }
            """, members, abi: abi)
        try wait("\(text) in the log") { hosted.log.contains(text) }
        try hosted.wait(for: "vexport_plugin_up{plugin=\"p\"} 0")
    }

    @Test("a file that is no library is told")
    func noLibrary() throws {
        let hosted = try hosted("", ".close = 0") { $0.command[2] = $0.command[2].replacing(".so", with: ".c") }
        try wait("the reason") { hosted.log.contains("answered with an error: load ") }
    }
}

import PluginHost
import VexportCore

extension Config {
    /// `collectors`: where metrics come from beside the kernel.
    struct Collectors: ConfigSection {
        var textfile = TextfileCollector.Options()

        static let keys = [
            key("textfile", \.textfile, .section, "Metrics that others write to files, `*.prom`.")
        ]
    }

    /// One of `plugins`.
    struct PluginEntry: ConfigSection {
        var name: String?
        var command: [String] = []
        var library: String?
        var hooks: [PluginHook] = [.collect]
        var mode = PluginSettings.Mode.interval
        var interval = Duration.seconds(15)
        var timeout = Duration.seconds(5)
        var mostOutput = 1 << 20
        var mostSeries = 1_000
        var user: String?
        var environment: [String: String] = [:]

        private static let nameFormat = ConfigFormat<String>.line("a name of letters, digits, _ and -") { name in
            name.utf8.count <= 64 && name.utf8.allSatisfy { Self.nameBytes.contains($0) }
        }
        private static let nameBytes = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-".utf8)

        static let keys = [
            key("name", \.name, .optional(nameFormat), "What metrics and the log call it."),
            key(
                "command", \.command, .list(of: .line("a word")),
                "The program's absolute path, and its arguments. No shell reads them."),
            key(
                "library", \.library, .optional(.line("a file's path")),
                "In the place of a command: the absolute path of a shared library (vexport_plugin.h)."),
            key("hooks", \.hooks, .list(of: .choice), "What it does."),
            key(
                "mode", \.mode, .choice,
                "interval: it is started once an interval, prints and ends; stream: it runs all the time and answers."),
            key(
                "interval", \.interval, .duration(.seconds(1)...(.seconds(86_400))),
                "Time from one start, or request, to the next."),
            key(
                "timeout", \.timeout, .duration(.milliseconds(10)...(.seconds(3600))),
                "How long it may take for one start, which is killed then, or for one request."),
            key(
                "max_output", \.mostOutput, .byteCount(1...(64 << 20)),
                "What it may print in one run, or line; it is killed then."),
            key("max_series", \.mostSeries, .integer(0...1_000_000), "Series that it may have; others are left out."),
            key(
                "user", \.user, .optional(.line("a user's name")),
                "Who it runs as; vexport needs CAP_SETUID, CAP_SETGID and CAP_KILL for that."),
            key("env", \.environment, .map("variables", of: .line("text")), "What is added to its environment."),
        ]
    }

    /// The plugins of the file.
    func makePlugins(_ problems: inout [ConfigProblem]) -> [PluginSettings] {
        var result: [PluginSettings] = []
        for entry in plugins {
            func problem(_ text: String) { problems.append(ConfigProblem(entry.place, text)) }
            guard let name = entry.value.name else {
                problem("a plugin without 'name'")
                continue
            }
            guard !result.contains(where: { $0.name == name }) else {
                problem("a second plugin named '\(name)'")
                continue
            }
            let isLibrary = entry.value.library != nil
            guard let program = entry.value.library ?? entry.value.command.first, program.hasPrefix("/"),
                !isLibrary || entry.value.command.isEmpty
            else {
                problem("expected 'command', which begins with a program's absolute path, or 'library', which is one")
                continue
            }
            if let fault = entry.value.fault { problem(fault) }
            result.append(entry.value.settings(name))
        }
        if result.count > Self.mostPlugins, let place = plugins.last?.place {
            problems.append(ConfigProblem(place, "more than \(Self.mostPlugins) plugins"))
        }
        return result
    }

    private static let mostPlugins = 200
}

extension Config.PluginEntry {
    /// What is wrong with the whole of it.
    fileprivate var fault: String? {
        guard !hooks.isEmpty, Set(hooks).count == hooks.count else { return "expected hooks, each once" }
        if library == nil, mode == .interval, hooks.count > 1 {
            return "expected one hook: a program that is started once an interval does one thing"
        }
        if library == nil, mode == .interval, hooks == [.observe] || hooks == [.deliver] {
            return "the hook \(hooks[0].rawValue) needs 'mode: stream'"
        }
        return timeout > interval ? "'timeout' is longer than 'interval'" : nil
    }

    fileprivate func settings(_ name: String) -> PluginSettings {
        var settings: PluginSettings
        if let library {
            settings = PluginSettings(name: name, library: library, hooks: hooks)
        } else {
            settings = PluginSettings(name: name, command: command, hooks: hooks)
            settings.mode = mode
        }
        settings.interval = interval
        settings.timeout = timeout
        settings.mostOutput = mostOutput
        settings.mostSeries = mostSeries
        settings.user = user
        settings.environment = environment
        return settings
    }
}

extension TextfileCollector.Options: ConfigSection {
    static let keys = [
        key(
            "directories", \.directories, .list(of: .line("a directory's path, with *, ? and [] as in a shell")),
            "Directories whose files that end in .prom are read."),
        key("interval", \.interval, .duration(.seconds(1)...(.seconds(3600))), "Time between looks at them."),
        key("max_series", \.mostSeries, .integer(0...1_000_000), "Series of all files; others are left out."),
    ]
}

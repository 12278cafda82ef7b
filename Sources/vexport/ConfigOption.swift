import ArgumentParser

/// `--config.file`.
struct ConfigOption: ParsableArguments {
    @Option(
        name: .customLong("config.file"),
        help: ArgumentHelp(
            "The configuration, in YAML.",
            discussion: "Default: \(ConfigFile.standardPath), if it is there.", valueName: "path"))
    private var path: String?

    var file: ConfigFile { ConfigFile(givenPath: path) }
}

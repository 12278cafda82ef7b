public import ArgumentParser
public import LinkCollector
public import Logging
public import MetricsServer
public import VexportCore

// How the command line reads the types that belong to the modules.

extension ListenAddress: ExpressibleByArgument {
    public init?(argument: String) {
        self.init(argument)
    }

    public var defaultValueDescription: String { description }
}

extension LinkDetail: ExpressibleByArgument {}

/// How commands that tell something tell it: to people, or to programs.
enum AnswerFormat: String, CaseIterable, ExpressibleByArgument {
    case text, json
}

extension LinkCollector.Scope: ExpressibleByArgument {}

extension ExpositionFormat: ExpressibleByArgument {}

extension Logger.Level: @retroactive ExpressibleByArgument {}

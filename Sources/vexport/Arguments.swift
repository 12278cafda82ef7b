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

extension LinkCollector.Scope: ExpressibleByArgument {}

extension ExpositionFormat: ExpressibleByArgument {}

extension Logger.Level: @retroactive ExpressibleByArgument {}

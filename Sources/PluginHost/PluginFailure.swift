import VexportCore

/// Why a plugin did not do what it is for.
struct PluginFailure: Error, Equatable, CustomStringConvertible {
    /// Without control characters.
    let description: String

    init(_ description: String) {
        self.description = description
    }

    init(_ error: SystemCallError) {
        description = "\(error)"
    }
}

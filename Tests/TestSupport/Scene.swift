import Foundation
import Synchronization

/// The programs in Tests/Scenes.
public enum Scene {
    private static let built = Mutex<Set<String>>([])

    /// Compiles Tests/Scenes/NAME.c, once a run.
    ///
    /// - Returns: the program's path.
    public static func program(_ name: String) throws -> String {
        let directory = Repository.root.appendingPathComponent(".build/scenes").path
        let path = "\(directory)/\(name)"
        try built.withLock { built in
            guard built.insert(name).inserted else { return }
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            try Command.run(
                "cc", "-O2", "-Wall", "-Wextra", "-Werror", "-std=gnu11", "-pthread", "-o", "\(path).new",
                Repository.root.appendingPathComponent("Tests/Scenes/\(name).c").path)
            try Command.run("mv", "\(path).new", path)
        }
        return path
    }

    /// Starts one inside a namespace.
    public static func start(_ name: String, _ arguments: String..., in namespace: Namespace) throws -> Background {
        try Background(["ip", "netns", "exec", namespace.name, try program(name)] + arguments)
    }

    /// Runs one inside a namespace, to the end.
    ///
    /// - Returns: what it printed.
    @discardableResult
    public static func run(_ name: String, _ arguments: [String], in namespace: Namespace) throws -> String {
        try Command.run(["ip", "netns", "exec", namespace.name, try program(name)] + arguments)
    }
}

import Foundation

/// Runs a program and collects what it prints.
public struct Command {
    public struct Failure: Error, CustomStringConvertible {
        public let description: String

        public init(description: String) {
            self.description = description
        }
    }

    /// The vexport that `swift build` made beside these tests, or VEXPORT_BINARY.
    public static let vexport: String = {
        let configured = ProcessInfo.processInfo.environment["VEXPORT_BINARY"]
        return configured ?? Repository.root.appendingPathComponent(".build/debug/vexport").path
    }()

    /// Runs `arguments` to the end.
    ///
    /// - Returns: standard output.
    /// - Throws: `Failure` with the standard error when the exit status is not 0.
    @discardableResult
    public static func run(_ arguments: String..., input: String? = nil) throws -> String {
        try run(arguments, input: input)
    }

    @discardableResult
    public static func run(_ arguments: [String], input: String? = nil) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        let (output, errors, feed) = (Pipe(), Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        process.standardInput = feed
        try process.run()
        DispatchQueue.global().async {
            if let input { feed.fileHandleForWriting.write(Data(input.utf8)) }
            try? feed.fileHandleForWriting.close()
        }
        let errorText = DispatchQueue.global().asyncResult { errors.fileHandleForReading.readDataToEndOfFile() }
        let text = output.fileHandleForReading.readDataToEndOfFile()
        let complaints = errorText()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(
                description: "\(arguments.joined(separator: " ")): exit status \(process.terminationStatus): "
                    + String(decoding: complaints, as: UTF8.self) + String(decoding: text, as: UTF8.self))
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension DispatchQueue {
    /// Starts `body` and returns a function that waits for its result.
    fileprivate func asyncResult(_ body: @escaping @Sendable () -> Data) -> () -> Data {
        nonisolated(unsafe) var result = Data()
        let item = DispatchWorkItem { result = body() }
        async(execute: item)
        return {
            item.wait()
            return result
        }
    }
}

import Foundation

extension Command {
    public static var ownPID: Int32 { getpid() }
}

/// A program that runs beside a test, ended with it.
public final class Background {
    private let process = Process()
    private let output = Pipe()
    private let input = Pipe()
    private var text = ""

    /// - Parameter arguments: the program and its arguments. Standard output and error can be read together.
    public init(_ arguments: [String]) throws {
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.standardOutput = output
        process.standardError = output
        process.standardInput = input
        try process.run()
        try input.fileHandleForReading.close()
    }

    deinit {
        stop()
    }

    /// Gives it something to read.
    public func write(_ text: String) {
        input.fileHandleForWriting.write(Data(text.utf8))
    }

    /// Lets it find the end of what it reads.
    public func closeInput() {
        try? input.fileHandleForWriting.close()
    }

    public var pid: Int32 { process.processIdentifier }

    public var isRunning: Bool { process.isRunning }

    /// Reads until a line contains `part`.
    ///
    /// - Returns: that line.
    @discardableResult
    public func waitForLine(_ part: String) throws -> String {
        var searched = text.startIndex
        while true {
            while let end = text[searched...].firstIndex(of: "\n") {
                let line = text[searched..<end]
                searched = text.index(after: end)
                if line.contains(part) { return String(line) }
            }
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else { throw Command.Failure(description: "ended before it said '\(part)': \(text)") }
            let offset = text.distance(from: text.startIndex, to: searched)
            text += String(decoding: data, as: UTF8.self)
            searched = text.index(text.startIndex, offsetBy: offset)
        }
    }

    /// Ends it at once, as a crash would.
    public func kill() {
        Foundation.kill(pid, SIGKILL)
        process.waitUntilExit()
    }

    /// Sends SIGTERM and waits; after 10 s SIGKILL, since a program that Swift's threads start has signals blocked.
    ///
    /// - Returns: the exit status.
    @discardableResult
    public func stop() -> Int32 {
        if process.isRunning { process.terminate() }
        do {
            try wait("its end") { !process.isRunning }
        } catch { Foundation.kill(pid, SIGKILL) }
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// What it has printed, after it ended.
    public func rest() -> String {
        text += String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        return text
    }
}

/// The counters in `ip -s -s -j link show dev X`.
public struct IPCounters {
    public let receive: [String: Double]
    public let transmit: [String: Double]

    public init(_ json: String) throws {
        let array = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [[String: Any]]
        let stats = array?.first { !$0.isEmpty }?["stats64"] as? [String: [String: Any]] ?? [:]
        receive = (stats["rx"] ?? [:]).compactMapValues { ($0 as? NSNumber)?.doubleValue }
        transmit = (stats["tx"] ?? [:]).compactMapValues { ($0 as? NSNumber)?.doubleValue }
    }
}

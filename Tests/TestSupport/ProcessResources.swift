import Foundation

/// What a process uses at a moment.
public struct ProcessResources {
    public let residentKilobytes: Int
    /// The most it ever used.
    public let peakKilobytes: Int
    public let descriptors: Int

    /// - Throws: when there is no such process.
    public init(pid: Int32) throws {
        let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        func kilobytes(_ field: String) throws -> Int {
            let line = status.split(separator: "\n").first { $0.hasPrefix("\(field):") }
            guard let number = line?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
                throw Command.Failure(description: "/proc/\(pid)/status has no \(field)")
            }
            return number
        }
        residentKilobytes = try kilobytes("VmRSS")
        peakKilobytes = try kilobytes("VmHWM")
        descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").count
    }
}

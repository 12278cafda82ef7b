/// A workload as snapshots, the API and commands give it. Names stay; what is new comes under new names.
public struct WorkloadRecord: Codable, Equatable, Sendable {
    public let name: EscapedText
    /// `vm`, `container`, `pod`, `service` or `process`.
    public let kind: EscapedText
    /// Who runs it: see `Workload.Runtime`.
    public let runtime: EscapedText?
    /// A virtual machine's UUID, a container's whole id.
    public let id: EscapedText?
    /// Nova's words.
    public let instance: EscapedText?
    public let project: EscapedText?
    public let flavor: EscapedText?

    public init(_ workload: Workload) {
        name = workload.name
        kind = EscapedText(escaped: "\(workload.kind)")
        runtime = workload.runtime.map { EscapedText(escaped: $0.name) }
        id = workload.id
        instance = workload.instance
        project = workload.project
        flavor = workload.flavor
    }

    /// `vm instance-0000002a (web-1)`.
    public var text: String { "\(kind) \(name)" + (instance.map { " (\($0))" } ?? "") }
}

extension Workload {
    /// `vm instance-0000002a (web-1)`.
    var text: String { WorkloadRecord(self).text }

    /// Whether people may mean it by these words: its name, its id or the beginning of it as engines show it, or what its
    /// users call it.
    func isCalled(_ text: String) -> Bool {
        if name.description == text || instance?.description == text { return true }
        guard let id else { return false }
        return id.description == text || (text.utf8.count >= 12 && id.description.hasPrefix(text))
    }

    /// Where what is known of it comes from.
    var source: String {
        switch (kind, runtime) {
        case (.vm, .libvirt): "/proc/PID/fdinfo, /proc/PID/cmdline, /run/libvirt/qemu"
        case (.vm, _): "/proc/PID/fdinfo, /proc/PID/cmdline"
        case (.process, _): "/proc/PID/stat"
        default: "/proc/PID/cgroup"
        }
    }
}

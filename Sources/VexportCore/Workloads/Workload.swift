/// What is at the far end of a tap or veth: a virtual machine, a container, a pod, a service or some other process.
///
/// Tenants choose many of these texts. They are escaped, and cut to `textLimit` bytes before that.
public struct Workload: Hashable, Sendable {
    public enum Kind: UInt8, CaseIterable, Sendable {
        case process, service, pod, container, vm
    }

    /// Who runs it.
    public enum Runtime: UInt8, CaseIterable, Sendable {
        case qemu, libvirt, docker, containerd, crio, podman, lxc, nspawn, kubernetes, systemd

        public var name: String {
            switch self {
            case .crio: "cri-o"
            case .nspawn: "systemd-nspawn"
            default: "\(self)"
            }
        }
    }

    /// Of a text from outside, in bytes.
    public static let textLimit = 128

    public var kind: Kind
    /// A virtual machine's or container's name, the first 12 digits of a container's id, a pod's UID, a unit's or a
    /// program's name.
    public var name: EscapedText
    public var runtime: Runtime?
    /// A virtual machine's UUID, a container's whole id.
    public var id: EscapedText?
    /// What its users call a virtual machine. Source: nova:name.
    public var instance: EscapedText?
    /// Whose it is. Source: nova:project.
    public var project: EscapedText?
    /// Source: nova:flavor.
    public var flavor: EscapedText?

    public init(_ kind: Kind, name: some Collection<UInt8>, runtime: Runtime? = nil) {
        self.kind = kind
        self.name = Self.text(name)
        self.runtime = runtime
    }

    /// Text from outside as workloads hold it.
    public static func text(_ bytes: some Collection<UInt8>) -> EscapedText { EscapedText(bytes.prefix(textLimit)) }
}

internal import CHost
import Glibc
import VexportCore

/// A descriptor that is a queue of a macvtap, as its holder opens /dev/tap7. Unlike a tun's it does not tell which namespace
/// the link is in.
struct MacvtapDescriptor {
    /// The link's present name.
    private let device: [UInt8]
    /// `tap` and the link's index.
    private let node: [UInt8]
    /// Of the character device: major and minor number as sysfs writes them.
    private let number: String

    /// - Parameters:
    ///   - path: in /proc.
    ///   - process: an open descriptor for the process.
    /// - Returns: nil for one that is of no macvtap, or of none that still is there. The file's name says nothing, and neither does
    ///   its number alone: the descriptor of a link that is gone has one that is another's now.
    init?(_ path: String, _ process: Int32, _ descriptor: Int32) {
        var (major, minor): (UInt32, UInt32) = (0, 0)
        guard unsafe host_character_device("/proc/" + path, &major, &minor) == 0 else { return nil }
        number = "\(major):\(minor)"
        // ../../devices/virtual/net/macvtap0/macvtap/tap7, whichever namespace it is in.
        guard case .found(let target) = ProcFS.target(ofFile: "/sys/dev/char/" + number, limit: 256) else { return nil }
        let parts = target.split(separator: UInt8(ascii: "/")).suffix(3).map(Array.init)
        guard parts.count == 3, parts[1].equals("macvtap") else { return nil }
        (device, node) = (parts[0], parts[2])
        var name = [CChar](repeating: 0, count: 16)
        guard unsafe host_tap_name(process, descriptor, &name) == 0 else { return nil }
        guard device.elementsEqual(name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))) else { return nil }
    }

    /// - Returns: nil when nobody can tell where the link is.
    func tap(_ holder: ProcessFacts, own: NamespaceFile?) -> Owners.Tap? {
        let name = EscapedText(device)
        if let own, isHere { return Owners.Tap(device: name, namespace: own, isCertain: true) }
        guard holder.namespaces.count == 1, let place = holder.namespaces.keys.first, place != own else { return nil }
        return Owners.Tap(device: name, namespace: place, isCertain: false)
    }

    /// Whether it is in this process' own namespace. /sys shows that of whoever mounted it, so the namespace must have a link of
    /// this name and index too.
    private var isHere: Bool {
        let directory = "/sys/class/macvtap/" + String(decoding: node, as: UTF8.self)
        guard let text = ProcFS.read(file: directory + "/dev", limit: 32), text.equals(number + "\n"),
            let index = node.dropping(prefix: "tap")?.number
        else { return false }
        return unsafe if_nametoindex(String(decoding: device, as: UTF8.self)) == index
    }
}

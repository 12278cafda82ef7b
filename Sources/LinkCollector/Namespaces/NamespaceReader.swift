import Glibc
internal import Netlink
import VexportCore

/// Looks at namespaces' files, and has the kernel number those that have no number. No descriptor outlives a look, so none
/// keeps a namespace alive.
final class NamespaceReader: Sendable {
    /// st_dev of all namespaces' files. What has another one only looks like a namespace: `ip netns add` inside
    /// `ip netns exec` leaves a plain file behind.
    let device: UInt64
    private let socket: NetlinkSocket

    /// - Throws: `SystemCallError` when /proc is not there.
    init(socket: NetlinkSocket) throws(SystemCallError) {
        guard let status = FilePath("/proc/thread-self/ns/net").status else {
            throw SystemCallError.last("look at /proc/thread-self/ns/net")
        }
        device = UInt64(status.st_dev)
        self.socket = socket
    }

    /// Opens a namespace's file, numbers the namespace if it may, and closes the file.
    ///
    /// - Returns: nil when the route leads to no network namespace, or not any more.
    func sight(_ route: NamespaceRoute, name: [UInt8]? = nil) -> NamespaceSighting? {
        route.withOpenFile { descriptor in
            guard let file = NamespaceFile(descriptor: descriptor, device: device) else { return nil }
            do throws(NetlinkError) {
                // Without the right to number it the number it may have serves as well.
                try? socket.numberNamespace(of: descriptor)
                let nsid = try socket.namespaceNumber(of: descriptor)
                return NamespaceSighting(file: file, nsid: nsid, name: name.map { EscapedText($0) })
            } catch {
                return nil  // a namespace of another kind
            }
        }
    }

    /// Whether the kernel lets vexport number a namespace: by the right that it takes to ask about links in one, too.
    func mayNumber(_ route: NamespaceRoute) -> Bool {
        route.withOpenFile { descriptor in
            do throws(NetlinkError) {
                try socket.numberNamespace(of: descriptor)
                return true
            } catch { return error.errno != EPERM }
        } ?? false
    }
}

/// A network namespace, from the moment it was first heard of to its end.
public struct NetworkNamespace: Equatable, Sendable {
    public let id: NamespaceID
    /// Its number in vexport's own table; nil while it has none, which is how those remain that vexport may not follow.
    public internal(set) var nsid: NSID?
    /// nil while only its number is known.
    public internal(set) var file: NamespaceFile?
    /// Its names in /run/netns at present.
    public internal(set) var names: Set<EscapedText> = []
    /// What `netns` labels call it, once that is settled: its name in /run/netns at first sight, else `net:[inode]`, else
    /// `nsid:[number]`. Never another's at the same time, and never changed. nil for vexport's own.
    public internal(set) var label: EscapedText?
    /// False once the kernel refused to tell of it.
    public internal(set) var isReadable = true

    /// Whether two names for it lead to one: what cannot be told apart by a cookie is by its file's number.
    func isSame(as sighting: NamespaceSighting) -> Bool {
        if let file, !file.isSame(as: sighting.file) { return false }
        guard let nsid, let other = sighting.nsid else { return true }
        return nsid == other
    }
}

/// A namespace's number in vexport's own table of them, as netlink messages name it. The kernel gives numbers out, and
/// again as soon as a namespace is gone. As an optional, nil is vexport's own namespace.
public typealias NSID = Int32

/// What tells a namespace from all others, before and after: how many vexport had heard of before it.
public struct NamespaceID: Hashable, Comparable, Sendable {
    public let number: Int

    /// The one that vexport runs in.
    public static let own = NamespaceID(number: 0)

    public init(number: Int) {
        self.number = number
    }

    public static func < (left: NamespaceID, right: NamespaceID) -> Bool { left.number < right.number }
}

/// The file that stands for a namespace: /run/netns/NAME, /proc/PID/ns/net.
public struct NamespaceFile: Hashable, Sendable {
    /// Of nsfs. Source: st_dev.
    public var device: UInt64
    /// Reused soon after the namespace is gone. Source: st_ino.
    public var inode: UInt64
    /// Never reused. Source: NS_GET_ID, since Linux 6.18; equal to SO_NETNS_COOKIE of a socket inside.
    public var cookie: UInt64?

    public init(device: UInt64, inode: UInt64, cookie: UInt64? = nil) {
        self.device = device
        self.inode = inode
        self.cookie = cookie
    }

    /// The file without its cookie: what stat says.
    public var place: NamespaceFile { NamespaceFile(device: device, inode: inode) }

    /// Whether both are of one namespace, as far as can be told.
    public func isSame(as other: NamespaceFile) -> Bool {
        if let cookie, let otherCookie = other.cookie { return cookie == otherCookie }
        return place == other.place
    }
}

/// A namespace's file as somebody came across it.
public struct NamespaceSighting: Equatable, Sendable {
    public var file: NamespaceFile
    /// The number it has, or was given on this occasion.
    public var nsid: NSID?
    /// In /run/netns, if it was found there.
    public var name: EscapedText?

    public init(file: NamespaceFile, nsid: NSID? = nil, name: EscapedText? = nil) {
        self.file = file
        self.nsid = nsid
        self.name = name
    }
}

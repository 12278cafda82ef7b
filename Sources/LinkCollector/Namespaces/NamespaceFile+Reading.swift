import Glibc
import VexportCore

extension NamespaceFile {
    /// What tells an open file of nsfs from all others; nil when it is none.
    init?(descriptor: Int32, device: UInt64) {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, UInt64(status.st_dev) == device else { return nil }
        self.init(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
        var cookie: UInt64 = 0
        if unsafe ioctl(descriptor, Self.getID, &cookie) == 0 { self.cookie = cookie }
    }

    /// The file that a path leads to, without its cookie; nil when there is none of nsfs.
    init?(at path: FilePath, device: UInt64) {
        guard let status = path.status, UInt64(status.st_dev) == device else { return nil }
        self.init(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }

    /// NS_GET_ID, _IOR(0xb7, 13, __u64): newer than Debian 12's headers. Older kernels say ENOTTY.
    private static let getID: UInt = 0x8008_b70d
}

internal import CSpawn
import Glibc
import VexportCore

/// Another user for a plugin to run as.
struct UserSwitch {
    let user: uid_t
    let group: gid_t
    let groups: [gid_t]

    /// Bytes for a line of the user database.
    private static let mostText = 64 << 10

    /// - Throws: when vexport may not become another user, or could not end what that user runs; or when there is no such
    ///   user.
    init(_ name: String) throws(PluginFailure) {
        for (number, right) in [(7, "CAP_SETUID"), (6, "CAP_SETGID"), (5, "CAP_KILL")] {
            guard vexport_has_capability(Int32(number)) == 1 else {
                throw PluginFailure("'user' needs \(right), which vexport does not have")
            }
        }
        var entry = unsafe passwd()
        var text = [CChar](repeating: 0, count: Self.mostText)
        var found: UnsafeMutablePointer<passwd>? = nil
        let code = unsafe getpwnam_r(name, &entry, &text, text.count, &found)
        guard code == 0, unsafe found != nil else {
            let reason = code == 0 ? "no such user" : SystemCallError.text(code)
            throw PluginFailure("user \(EscapedText(name.utf8)): \(reason)")
        }
        user = unsafe entry.pw_uid
        group = unsafe entry.pw_gid
        var count: Int32 = 256
        var list = [gid_t](repeating: 0, count: Int(count))
        guard unsafe getgrouplist(name, group, &list, &count) >= 0 else {
            throw PluginFailure("user \(EscapedText(name.utf8)): more than \(list.count) groups")
        }
        groups = Array(list.prefix(Int(count)))
    }
}

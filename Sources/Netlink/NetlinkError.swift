import Glibc

/// Why a netlink operation failed: what was asked, what the kernel (or the decoder) said, and under which sequence.
public struct NetlinkError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Cause: Equatable, Sendable {
        /// A system call or the kernel's answer failed with this errno.
        case system(Int32)
        /// A message broke the format; the text says where and how.
        case malformed(String)
        /// The dump was torn by a change (NLM_F_DUMP_INTR) and may miss or repeat objects.
        case interrupted
        /// A datagram did not fit the receive buffer.
        case truncated
        /// The kernel's answer did not come.
        case unanswered
    }

    /// What was being done, e.g. `RTM_GETLINK dump`.
    public var operation: String
    public var cause: Cause
    /// The kernel's own words (NLMSGERR_ATTR_MSG), if it gave any, without control characters.
    public var extendedAck: String?
    /// The request's sequence number, if a request was under way.
    public var sequence: UInt32?

    public init(_ operation: String, _ cause: Cause, extendedAck: String? = nil, sequence: UInt32? = nil) {
        self.operation = operation
        self.cause = cause
        self.extendedAck = extendedAck
        self.sequence = sequence
    }

    /// The failure that the last system call left in `errno`. The only place where this module reads it.
    static func lastSystemError(_ operation: String, sequence: UInt32? = nil) -> NetlinkError {
        NetlinkError(operation, .system(Glibc.errno), sequence: sequence)
    }

    /// The errno, when the failure came from a system call or from the kernel's answer.
    public var errno: Int32? {
        if case .system(let code) = cause { code } else { nil }
    }

    public var description: String {
        var text = operation + ": "
        switch cause {
        case .system(let code): text += Self.name(of: code)
        case .malformed(let what): text += "malformed message: " + what
        case .interrupted: text += "interrupted by changes (NLM_F_DUMP_INTR)"
        case .truncated: text += "datagram larger than the receive buffer"
        case .unanswered: text += "the kernel gave no answer"
        }
        if let extendedAck { text += " (kernel: \(extendedAck))" }
        if let hint { text += ": " + hint }
        return text
    }

    private var hint: String? {
        switch errno {
        case EPERM: "CAP_NET_ADMIN is missing"
        case ENOBUFS: "events were lost, the receive buffer was full"
        case EOPNOTSUPP: "this kernel does not know the request"
        default: nil
        }
    }

    private static func name(of code: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 128)
        let known: [Int32: String] = [
            EPERM: "EPERM", ENOENT: "ENOENT", EINTR: "EINTR", EAGAIN: "EAGAIN", ENOMEM: "ENOMEM", EACCES: "EACCES",
            EBUSY: "EBUSY", EEXIST: "EEXIST", ENODEV: "ENODEV", EINVAL: "EINVAL", EMFILE: "EMFILE", ENOSPC: "ENOSPC",
            ENOBUFS: "ENOBUFS", EOPNOTSUPP: "EOPNOTSUPP", EMSGSIZE: "EMSGSIZE", EPROTO: "EPROTO",
        ]
        if let name = known[code] { return name }
        _ = unsafe strerror_r(code, &buffer, buffer.count)
        let text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return "errno \(code) (\(text))"
    }
}

/// A message that does not keep to the format. Carries what was read and the byte offset, for the log.
public struct DecodeError: Error, Equatable, Sendable {
    public var what: String

    public init(_ what: String) {
        self.what = what
    }
}

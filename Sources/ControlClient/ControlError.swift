public import VexportCore

/// Why a daemon did not answer. The text names the socket, the cause and what to do.
public struct ControlError: Error, Equatable, CustomStringConvertible, Sendable {
    public enum Cause: Equatable, Sendable {
        /// Nothing is at the path.
        case noSocket
        /// A socket is there, which nobody listens on: a daemon that crashed left it.
        case refused
        case permissionDenied
        /// As many wait for the daemon to take their connections as the kernel lets wait.
        case busy
        case notASocket
        /// The kernel's limit is 107 bytes.
        case pathTooLong
        /// No whole answer within this time.
        case timeout(Duration)
        /// The connection ended before the answer did.
        case closedEarly
        /// A body, or a line of a stream, of more bytes than this.
        case tooLarge(Int)
        /// Not HTTP, or not as vexport speaks it.
        case malformed(EscapedText)
        /// Another error of the system.
        case system(EscapedText)
    }

    public let socket: String
    public let cause: Cause

    public init(socket: String, cause: Cause) {
        self.socket = socket
        self.cause = cause
    }

    public var description: String { "\(EscapedText(socket.utf8)): \(fault)" }

    private var fault: String {
        switch cause {
        case .noSocket: "no such socket: start the daemon by 'vexport serve', or name its socket by --socket"
        case .refused: "nobody listens on this socket: the daemon has ended, start it again"
        case .permissionDenied:
            "permission denied: the socket is for root and the members of its group, which 'ls -l' names"
        case .busy: "too many wait for an answer: the daemon hangs, its log may tell"
        case .notASocket: "not a socket: name the daemon's by --socket"
        case .pathTooLong: "path too long for a socket: the kernel takes 107 bytes"
        case .timeout(let limit):
            "no whole answer in \(limit): the daemon hangs or has too much to do, its log may tell"
        case .closedEarly: "the connection ended before the answer did: see the daemon's log"
        case .tooLarge(let limit): "more than \(limit) bytes of answer: this is no daemon of vexport, or a broken one"
        case .malformed(let fault): "not an answer of vexport (\(fault)): does another program own this socket?"
        case .system(let fault): "\(fault)"
        }
    }
}

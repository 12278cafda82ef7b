import ControlClient
import VexportCore

extension ControlClient {
    /// Asks for a page that should be there.
    ///
    /// - Throws: `ControlError`, or `Refusal` for an answer that is not the page.
    func page(
        _ path: String, query: [(name: String, value: String)] = [], accept: String? = nil
    ) async throws -> [UInt8] {
        let answer = try await get(path, query: query, accept: accept)
        guard answer.status == 200 else { throw Refusal(socket: socket, path: path, answer: answer) }
        return answer.body
    }

    /// A daemon that answers, but not with what was asked for.
    struct Refusal: Error, CustomStringConvertible {
        let socket: String
        let path: String
        let answer: Answer

        var description: String {
            let words = EscapedText(answer.body.prefix { $0 != UInt8(ascii: "\n") }.prefix(200))
            return "\(EscapedText(socket.utf8)): \(path) is answered by status \(answer.status): \(words)"
        }
    }
}

extension ControlError {
    /// Whether there is nobody to ask, or nobody whom this user may ask. One who hangs is to be told of.
    var meansNobodyToAsk: Bool { [.noSocket, .refused, .permissionDenied].contains(cause) }
}

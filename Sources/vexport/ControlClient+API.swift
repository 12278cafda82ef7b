import ControlClient
import FoundationEssentials
import VexportCore

extension ControlClient {
    /// Reads what a page of the API says.
    ///
    /// - Throws: `ControlError`, or `Refusal` for an answer that is not the page.
    func read<Value: Decodable>(
        _ type: Value.Type, _ path: String, query: [(name: String, value: String)] = []
    ) async throws -> Value {
        try decode(type, path, await get(path, query: query))
    }

    /// Asks for a change.
    ///
    /// - Throws: `ControlError`, `Refusal`, or `ChangeRefused` with the daemon's reason.
    func change<Value: Decodable>(
        _ type: Value.Type, _ path: String, query: [(name: String, value: String)] = [], body: [UInt8] = []
    ) async throws -> Value {
        try decode(type, path, await post(path, query: query, body: body))
    }

    private func decode<Value: Decodable>(_ type: Value.Type, _ path: String, _ answer: Answer) throws -> Value {
        let decoded = try? JSONDecoder().decode(APIAnswer<Value>.self, from: Data(answer.body))
        if answer.status == 200, let data = decoded?.data { return data }
        if let reason = decoded?.error { throw ChangeRefused(reason: EscapedText(escaped: reason)) }
        throw Refusal(socket: socket, path: path, answer: answer)
    }
}

/// The daemon says that it won't, and why.
struct ChangeRefused: Error, CustomStringConvertible {
    let reason: EscapedText
    var description: String { "\(reason)" }
}

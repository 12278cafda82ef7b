import FoundationEssentials
import MetricsServer
import Notifier
import VexportCore

/// The alerts' part of the API.
struct AlertEndpoints {
    let notifier: Notifier

    init(_ notifier: Notifier) {
        self.notifier = notifier
    }

    var all: [APIEndpoint] { [alerts, silences, addSilence, expireSilence, test] }

    private var alerts: APIEndpoint {
        APIEndpoint("/api/v1/alerts") { _ in .json(await notifier.report()) }
    }

    private var silences: APIEndpoint {
        APIEndpoint("/api/v1/silences") { _ in .json(await notifier.silences()) }
    }

    private var addSilence: APIEndpoint {
        APIEndpoint("/api/v1/silences/add", access: .change) { request in
            guard let wanted = try? JSONDecoder().decode(SilenceRequest.self, from: Data(request.body)) else {
                return .badData("expected a silence: matchers, duration, comment and createdBy")
            }
            let terms: SilenceRequest.Terms
            do throws(SilenceRequest.Fault) { terms = try wanted.terms() } catch { return .badData("\(error)") }
            let id = await notifier.addSilence(
                terms.matchers, duration: terms.duration, comment: wanted.comment, createdBy: wanted.createdBy)
            guard let id else { return .badData("there are \(Silences.most) silences already") }
            return .json(["id": id])
        }
    }

    private var expireSilence: APIEndpoint {
        APIEndpoint("/api/v1/silences/expire", access: .change) { request in
            guard let id = request["id"] else { return .badData("expected the parameter 'id'") }
            guard await notifier.expireSilence(id) else { return .badData("no silence \(EscapedText(id.utf8))") }
            return .json(["id": id])
        }
    }

    private var test: APIEndpoint {
        APIEndpoint("/api/v1/alerts/test", access: .change) { request in
            guard let receiver = request["receiver"] else { return .badData("expected the parameter 'receiver'") }
            guard let results = await notifier.test(receiver) else {
                return .badData("no receiver named \(EscapedText(receiver.utf8))")
            }
            return .json(results.map { TestResult(channel: $0.channel, failure: $0.failure) })
        }
    }
}

/// How a test of one channel went.
struct TestResult: Codable, Sendable {
    var channel: String
    /// nil when it was delivered.
    var failure: String?
}

/// The envelope that answers of the API have.
struct APIAnswer<Value: Decodable>: Decodable {
    var data: Value?
    var error: String?
}

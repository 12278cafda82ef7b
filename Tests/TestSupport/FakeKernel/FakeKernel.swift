import Foundation
import Synchronization

/// A kernel's stand-in that speaks bytes at the socket: it takes rtnetlink requests, and answers from the links that a
/// test gave it, or with what the test scripted.
public final class FakeKernel: Sendable {
    /// What vexport asks.
    public enum Question: Hashable, Sendable {
        case links
        case stats
        case link(Int32)
        /// The links of another namespace, or one of them.
        case linksOf(Int32)
        case linkOf(Int32, Int32)
        /// The numbers of namespaces.
        case numbers
    }

    /// What to deliver to a request with this sequence number.
    public typealias Answer = @Sendable (_ sequence: UInt32) -> [Delivery]

    private struct State {
        var links: [Int32: [UInt8]] = [:]
        var namespaces: [Int32: [Int32: [UInt8]]] = [:]
        var scripts: [Question: [Answer]] = [:]
        var asked: [Question] = []
        var complaints: [String] = []
        var lastSequence: UInt32 = 0
    }

    private let requests: PacketPair
    private let events: PacketPair
    private let state = Mutex(State())

    /// Starts to answer, on a thread of its own.
    ///
    /// - Parameter patience: how long vexport waits for an answer before it takes it for lost.
    public init(patience: Duration = .seconds(20)) throws {
        requests = try PacketPair(patience: patience)
        events = try PacketPair(patience: patience)
        let requests = requests
        Thread { [weak self] in
            var bytes = [UInt8](repeating: 0, count: 4096)
            while case let count = recv(requests.inner, &bytes, bytes.count, 0), count > 0 {
                self?.take(Array(bytes[..<count]))
            }
        }.start()
    }

    deinit {
        shutdown(requests.inner, Int32(SHUT_RDWR))
    }

    /// vexport's ends, for it to close.
    public func requestSocket() -> Int32 { requests.descriptor }
    public func eventSocket() -> Int32 { events.descriptor }

    public typealias ReceiveCall = @Sendable (Int32, UnsafeMutablePointer<msghdr>, Int32) -> Int

    /// recvmsg for vexport's ends.
    public var receiveAnswer: ReceiveCall { { PacketPair.receive($0, $1, $2) } }
    public var receiveEvent: ReceiveCall {
        { [events] descriptor, header, flags in
            events.whole.withLock { _ in PacketPair.receive(descriptor, header, flags) }
        }
    }

    // MARK: - What the test says

    /// The payloads of the links there are, by index.
    public var links: [Int32: [UInt8]] {
        get { state.withLock { $0.links } }
        set { state.withLock { $0.links = newValue } }
    }

    /// The links of other namespaces, by the namespaces' numbers.
    public var namespaces: [Int32: [Int32: [UInt8]]] {
        get { state.withLock { $0.namespaces } }
        set { state.withLock { $0.namespaces = newValue } }
    }

    /// The next time it is asked this, it delivers that. Scripts for one question are used in order; without any the
    /// answer is the truth.
    public func answer(_ question: Question, _ answer: @escaping Answer) {
        state.withLock { $0.scripts[question, default: []].append(answer) }
    }

    /// Delivers to the event socket. Nothing is read before all of it is there.
    public func tell(_ deliveries: Delivery...) { tell(deliveries) }

    public func tell(_ deliveries: [Delivery]) {
        events.whole.withLock { _ in
            for delivery in deliveries { events.deliver(delivery) }
        }
    }

    // MARK: - What the test asks

    /// What has been asked so far, in order.
    public var asked: [Question] { state.withLock { $0.asked } }

    /// What was wrong with the requests.
    public var complaints: [String] { state.withLock { $0.complaints } }

    /// Whether events are waiting to be read.
    public var hasUnreadEvents: Bool { events.unread > 0 }

    /// The true answer to a question.
    public func truth(_ question: Question, sequence: UInt32) -> [Delivery] {
        let links = links.sorted { $0.key < $1.key }
        func dump(_ payloads: [[UInt8]]) -> [Delivery] {
            payloads.map { .datagram(Wire.part($0, sequence: sequence)) } + [.datagram(Wire.done(sequence: sequence))]
        }
        func one(_ payload: [UInt8]?) -> [Delivery] {
            guard let payload else { return [.datagram(Wire.error(ENODEV, sequence: sequence))] }
            return [.datagram(Wire.message(Wire.newLink, sequence: sequence, payload))]
        }
        switch question {
        case .links: return dump(links.map(\.value))
        case .linksOf(let number):
            guard let links = namespaces[number] else { return [.datagram(Wire.done(EINVAL, sequence: sequence))] }
            return dump(links.sorted { $0.key < $1.key }.map(\.value))
        case .numbers:
            return namespaces.keys.sorted().map {
                .datagram(
                    Wire.message(Wire.newNumber, flags: Wire.multi, sequence: sequence, Wire.namespaceNumber($0)))
            } + [.datagram(Wire.done(sequence: sequence))]
        case .stats:
            let parts = links.map {
                Wire.message(
                    Wire.newStats, flags: Wire.multi, sequence: sequence,
                    Wire.stats($0.key, [UInt64](repeating: 1, count: 25)))
            }
            return [.datagram(Array(parts.joined()), Wire.done(sequence: sequence))]
        case .link(let index): return one(self.links[index])
        case .linkOf(let number, let index):
            guard let links = namespaces[number] else { return [.datagram(Wire.error(EINVAL, sequence: sequence))] }
            return one(links[index])
        }
    }

    // MARK: - Requests

    private func take(_ request: [UInt8]) {
        func field<Value: FixedWidthInteger>(_ offset: Int, _: Value.Type) -> Value {
            request.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Value.self) }
        }
        guard request.count >= 20, field(0, UInt32.self) == UInt32(request.count) else {
            return complain("a request of \(request.count) bytes")
        }
        let (type, flags, sequence) = (field(4, UInt16.self), field(6, UInt16.self), field(8, UInt32.self))
        let (once, dump): (UInt16, UInt16) = (0x1, 0x301)  // NLM_F_REQUEST, and with NLM_F_DUMP
        let question: Question
        let index = request.count >= 28 ? field(20, Int32.self) : 0
        // IFLA_TARGET_NETNSID comes first.
        let target = request.count >= 40 && field(34, UInt16.self) == 46 ? field(36, Int32.self) : nil
        switch (type, flags, index) {
        case (18, dump, 0): question = target.map { .linksOf($0) } ?? .links  // RTM_GETLINK, without an index in a dump
        case (18, once, 1...): question = target.map { .linkOf($0, index) } ?? .link(index)
        case (94, dump, 0): question = .stats  // RTM_GETSTATS
        case (90, dump, _): question = .numbers  // RTM_GETNSID
        default: return complain("type \(type), flags \(flags), index \(index)")
        }
        let script = state.withLock { state -> Answer? in
            if sequence <= state.lastSequence {
                state.complaints.append("sequence \(sequence) after \(state.lastSequence)")
            }
            state.lastSequence = sequence
            state.asked.append(question)
            guard let first = state.scripts[question]?.first else { return nil }
            state.scripts[question]!.removeFirst()
            return first
        }
        for delivery in script?(sequence) ?? truth(question, sequence: sequence) { requests.deliver(delivery) }
    }

    private func complain(_ text: String) {
        state.withLock { $0.complaints.append(text) }
    }
}

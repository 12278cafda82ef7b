import VexportCore

/// What the daemon asks of the helper. One packet each. Answers come in the order of the questions.
enum HelperRequest: Equatable {
    case sweep(Sweep.Scope)
    case look(ProcessQuestions, number: UInt32)
    /// The namespace, if this thread lives there.
    case open(NamespaceFile, thread: Int32, number: UInt32)

    /// Of a packet.
    static let largest = 32 << 10
}

extension HelperRequest {
    func encode() -> [UInt8] {
        var writer = WireWriter()
        switch self {
        case .sweep(let scope):
            writer.write(UInt8(0))
            writer.write(scope.rawValue)
        case .look(let questions, let number):
            writer.write(UInt8(1))
            writer.write(number)
            writer.write(UInt8(questions.asksForInhabitants ? 1 : 0))
            writer.write(UInt16(questions.namespaces.count))
            for inode in questions.namespaces { writer.write(inode) }
            for tap in questions.taps { writer.write(tap.description.utf8) }
        case .open(let namespace, let thread, let number):
            writer.write(UInt8(2))
            writer.write(namespace)
            writer.write(thread)
            writer.write(number)
        }
        return writer.bytes
    }

    /// - Throws: for anything but what `encode` wrote.
    init(decoding packet: [UInt8]) throws(WireReader.Failure) {
        var reader = WireReader(packet)
        switch try reader.read(UInt8.self) {
        case 0:
            guard let scope = Sweep.Scope(rawValue: try reader.read()) else { throw WireReader.Failure() }
            self = .sweep(scope)
        case 1:
            let number = try reader.read(UInt32.self)
            var questions = ProcessQuestions(asksForInhabitants: try reader.readFlag())
            for _ in 0..<(try reader.read(UInt16.self)) { questions.namespaces.insert(try reader.read()) }
            while !reader.isAtEnd { questions.taps.insert(try reader.readText()) }
            self = .look(questions, number: number)
        case 2:
            let namespace = try reader.readNamespace()
            self = .open(namespace, thread: try reader.read(), number: try reader.read())
        default: throw WireReader.Failure()
        }
        guard reader.isAtEnd else { throw WireReader.Failure() }
    }
}

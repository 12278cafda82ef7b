import VexportCore

/// What the helper says. One packet each: the socket keeps their borders, so a helper that dies while it speaks leaves
/// nothing half said.
enum HelperMessage: Equatable {
    /// A helper has begun its work, and knows nothing yet.
    case hello(Hello)
    /// Some owners, of which there are more in the next packets. Together they are all.
    case taps([Owners.Tap: Workload])
    case namespaces([NamespaceFile: Owners.Inhabitant])
    /// A sweep has ended.
    case swept(Report)

    struct Hello: Equatable {
        /// How many helpers there were before this one.
        var generation: UInt32
        /// Whether it may look at everybody's processes.
        var seesAll: Bool
        var own: NamespaceFile?
    }

    struct Report: Equatable {
        /// False when the owners are the same as the last time, and were not told again.
        var isNew: Bool
        var scope: Sweep.Scope
        var statistics: SweepStatistics
        /// Nanoseconds that it took, and of processor time that it cost.
        var duration: UInt64
        var processorTime: UInt64
    }

    /// Of a packet. Kernels take at least this much in one (net.core.wmem_default).
    static let largest = 32 << 10
}

extension HelperMessage {
    func encode() -> [UInt8] {
        var writer = WireWriter()
        switch self {
        case .hello(let hello):
            writer.write(UInt8(0))
            writer.write(hello.generation)
            writer.write(UInt8(hello.seesAll ? 1 : 0))
            writer.write(UInt8(hello.own == nil ? 0 : 1))
            if let own = hello.own { writer.write(own) }
        case .taps(let taps):
            writer.write(UInt8(1))
            for (tap, workload) in taps {
                writer.write(tap.device.description.utf8)
                writer.write(tap.namespace)
                writer.write(UInt8(tap.isCertain ? 1 : 0))
                writer.write(workload)
            }
        case .namespaces(let namespaces):
            writer.write(UInt8(2))
            for (namespace, inhabitant) in namespaces {
                writer.write(namespace)
                writer.write(inhabitant.thread)
                writer.write(inhabitant.workload)
            }
        case .swept(let report):
            writer.write(UInt8(3))
            writer.write(UInt8(report.isNew ? 1 : 0))
            writer.write(report.scope.rawValue)
            for number in [report.statistics.processes, report.statistics.looked] { writer.write(Int64(number)) }
            for number in [report.statistics.descriptors, report.statistics.hidden] { writer.write(Int64(number)) }
            writer.write(report.duration)
            writer.write(report.processorTime)
        }
        return writer.bytes
    }

    /// - Throws: for anything but what `encode` wrote.
    init(decoding packet: [UInt8]) throws(WireReader.Failure) {
        var reader = WireReader(packet)
        switch try reader.read(UInt8.self) {
        case 0:
            let generation = try reader.read(UInt32.self)
            let (seesAll, hasOwn) = (try reader.readFlag(), try reader.readFlag())
            self = .hello(
                Hello(generation: generation, seesAll: seesAll, own: hasOwn ? try reader.readNamespace() : nil))
        case 1:
            var taps: [Owners.Tap: Workload] = [:]
            while !reader.isAtEnd {
                let device = try reader.readText()
                let namespace = try reader.readNamespace()
                let tap = Owners.Tap(device: device, namespace: namespace, isCertain: try reader.readFlag())
                taps[tap] = try reader.readWorkload()
            }
            self = .taps(taps)
        case 2:
            var namespaces: [NamespaceFile: Owners.Inhabitant] = [:]
            while !reader.isAtEnd {
                let namespace = try reader.readNamespace()
                let thread = try reader.read(Int32.self)
                namespaces[namespace] = Owners.Inhabitant(workload: try reader.readWorkload(), thread: thread)
            }
            self = .namespaces(namespaces)
        case 3:
            let isNew = try reader.readFlag()
            guard let scope = Sweep.Scope(rawValue: try reader.read()) else { throw WireReader.Failure() }
            var statistics = SweepStatistics()
            statistics.processes = try reader.readCount()
            statistics.looked = try reader.readCount()
            statistics.descriptors = try reader.readCount()
            statistics.hidden = try reader.readCount()
            self = .swept(
                Report(
                    isNew: isNew, scope: scope, statistics: statistics, duration: try reader.read(),
                    processorTime: try reader.read()))
        default: throw WireReader.Failure()
        }
        guard reader.isAtEnd else { throw WireReader.Failure() }
    }
}

extension WireWriter {
    fileprivate mutating func write(_ namespace: NamespaceFile) {
        write(namespace.device)
        write(namespace.inode)
    }

    /// Optional texts are empty when there is none.
    fileprivate mutating func write(_ workload: Workload) {
        write(workload.kind.rawValue)
        write(workload.runtime.map { $0.rawValue + 1 } ?? UInt8(0))
        write(workload.name.description.utf8)
        for text in [workload.id, workload.instance, workload.project, workload.flavor] {
            write((text?.description ?? "").utf8)
        }
    }
}

extension WireReader {
    fileprivate mutating func readFlag() throws(Failure) -> Bool {
        switch try read(UInt8.self) {
        case 0: false
        case 1: true
        default: throw Failure()
        }
    }

    fileprivate mutating func readCount() throws(Failure) -> Int {
        guard let count = Int(exactly: try read(Int64.self)), count >= 0 else { throw Failure() }
        return count
    }

    fileprivate mutating func readNamespace() throws(Failure) -> NamespaceFile {
        NamespaceFile(device: try read(), inode: try read())
    }

    /// Escaped already, and again if it is not: what a helper says is text from outside too.
    fileprivate mutating func readText() throws(Failure) -> EscapedText {
        let bytes = try readBytes()
        // Four characters for a byte at most.
        guard bytes.count <= 4 * Workload.textLimit else { throw Failure() }
        return EscapedText(escaped: String(decoding: bytes, as: UTF8.self))
    }

    fileprivate mutating func readWorkload() throws(Failure) -> Workload {
        guard let kind = Workload.Kind(rawValue: try read()) else { throw Failure() }
        let number: UInt8 = try read()
        var workload = Workload(kind, name: [UInt8]())
        if number > 0 {
            guard let runtime = Workload.Runtime(rawValue: number - 1) else { throw Failure() }
            workload.runtime = runtime
        }
        workload.name = try readText()
        workload.id = try readOptionalText()
        workload.instance = try readOptionalText()
        workload.project = try readOptionalText()
        workload.flavor = try readOptionalText()
        return workload
    }

    private mutating func readOptionalText() throws(Failure) -> EscapedText? {
        let text = try readText()
        return text.description.isEmpty ? nil : text
    }
}

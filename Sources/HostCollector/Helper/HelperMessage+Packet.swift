import VexportCore

extension HelperMessage {
    func encode() -> [UInt8] {
        var writer = WireWriter()
        switch self {
        case .hello(let hello):
            writer.write(UInt8(0))
            writer.write(hello.generation)
            writer.write(hello.pid)
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
        case .inhabited(let inodes):
            writer.write(UInt8(4))
            for inode in inodes { writer.write(inode) }
        case .readers(let readers):
            writer.write(UInt8(5))
            for (tap, processes) in readers {
                writer.write(tap.description.utf8)
                writer.write(UInt8(processes.count))
                for process in processes { writer.write(process) }
            }
        case .holders(let holders):
            writer.write(UInt8(6))
            for (inode, holders) in holders {
                writer.write(inode)
                writer.write(UInt8(holders.count))
                for holder in holders { writer.write(holder) }
            }
        case .answered(let number, let sawAllProcesses, let sawAllDescriptors):
            writer.write(UInt8(7))
            writer.write(number)
            for flag in [sawAllProcesses, sawAllDescriptors] { writer.write(UInt8(flag ? 1 : 0)) }
        case .opened(let number):
            writer.write(UInt8(8))
            writer.write(number)
        }
        return writer.bytes
    }

    /// - Throws: for anything but what `encode` wrote.
    init(decoding packet: [UInt8]) throws(WireReader.Failure) {
        var reader = WireReader(packet)
        switch try reader.read(UInt8.self) {
        case 0:
            let (generation, pid) = (try reader.read(UInt32.self), try reader.read(Int32.self))
            let (seesAll, hasOwn) = (try reader.readFlag(), try reader.readFlag())
            self = .hello(
                Hello(
                    generation: generation, pid: pid, seesAll: seesAll,
                    own: hasOwn ? try reader.readNamespace() : nil))
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
                    isNew: isNew, scope: scope, statistics: statistics, duration: try reader.readDuration(),
                    processorTime: try reader.readDuration()))
        case 4:
            var inodes: [UInt64] = []
            while !reader.isAtEnd { inodes.append(try reader.read()) }
            self = .inhabited(inodes)
        case 5:
            var readers: [EscapedText: [ProcessName]] = [:]
            while !reader.isAtEnd {
                let tap = try reader.readText()
                for _ in 0..<(try reader.read(UInt8.self)) {
                    readers[tap, default: []].append(try reader.readProcess())
                }
            }
            self = .readers(readers)
        case 6:
            var holders: [UInt64: [NamespaceHolder]] = [:]
            while !reader.isAtEnd {
                let inode = try reader.read(UInt64.self)
                for _ in 0..<(try reader.read(UInt8.self)) {
                    holders[inode, default: []].append(try reader.readHolder())
                }
            }
            self = .holders(holders)
        case 7:
            let number = try reader.read(UInt32.self)
            self = .answered(
                number: number, sawAllProcesses: try reader.readFlag(), sawAllDescriptors: try reader.readFlag())
        case 8: self = .opened(number: try reader.read())
        default: throw WireReader.Failure()
        }
        guard reader.isAtEnd else { throw WireReader.Failure() }
    }
}

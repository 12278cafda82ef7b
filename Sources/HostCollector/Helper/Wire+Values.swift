import VexportCore

/// How the values in packets are written and read.
extension WireWriter {
    /// In nanoseconds.
    mutating func write(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        write(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    mutating func write(_ namespace: NamespaceFile) {
        write(namespace.device)
        write(namespace.inode)
    }

    mutating func write(_ process: ProcessName) {
        write(process.pid)
        write(process.command.description.utf8)
    }

    mutating func write(_ holder: NamespaceHolder) {
        switch holder {
        case .mount(let path, let process):
            write(UInt8(0))
            write(process)
            write(path.description.utf8)
        case .descriptor(let process):
            write(UInt8(1))
            write(process)
        case .socket(let process):
            write(UInt8(2))
            write(process)
        case .tap(let process):
            write(UInt8(3))
            write(process)
        }
    }

    /// Optional texts are empty when there is none.
    mutating func write(_ workload: Workload) {
        write(workload.kind.rawValue)
        write(workload.runtime.map { $0.rawValue + 1 } ?? UInt8(0))
        write(workload.name.description.utf8)
        for text in [workload.id, workload.instance, workload.project, workload.flavor] {
            write((text?.description ?? "").utf8)
        }
    }
}

extension WireReader {
    mutating func readDuration() throws(Failure) -> Duration { .nanoseconds(try read(Int64.self)) }

    mutating func readFlag() throws(Failure) -> Bool {
        switch try read(UInt8.self) {
        case 0: false
        case 1: true
        default: throw Failure()
        }
    }

    mutating func readCount() throws(Failure) -> Int {
        guard let count = Int(exactly: try read(Int64.self)), count >= 0 else { throw Failure() }
        return count
    }

    mutating func readNamespace() throws(Failure) -> NamespaceFile {
        NamespaceFile(device: try read(), inode: try read())
    }

    /// Escaped already, and again if it is not: what a helper says is text from outside too.
    mutating func readText() throws(Failure) -> EscapedText {
        let bytes = try readBytes()
        // Four characters for a byte at most.
        guard bytes.count <= 4 * Workload.textLimit else { throw Failure() }
        return EscapedText(escaped: String(decoding: bytes, as: UTF8.self))
    }

    mutating func readProcess() throws(Failure) -> ProcessName {
        let pid = try read(Int32.self)
        return ProcessName(pid: pid, command: try readText())
    }

    mutating func readHolder() throws(Failure) -> NamespaceHolder {
        let kind = try read(UInt8.self)
        let process = try readProcess()
        switch kind {
        case 0: return .mount(path: try readText(), process)
        case 1: return .descriptor(process)
        case 2: return .socket(process)
        case 3: return .tap(process)
        default: throw Failure()
        }
    }

    mutating func readWorkload() throws(Failure) -> Workload {
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

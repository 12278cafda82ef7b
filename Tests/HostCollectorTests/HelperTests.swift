import Dispatch
import Glibc
import Testing
import VexportCore

@testable import HostCollector

@Suite struct HelperTests {
    static var owners: Owners {
        var workload = Workload(.vm, name: [0xff, UInt8(ascii: "\""), UInt8(ascii: "\\")], runtime: .libvirt)
        workload.project = "tenant-a"
        var owners = Owners()
        for number in 0..<25 {
            let file = NamespaceFile(device: 4, inode: UInt64(number))
            let name = EscapedText("tap\(number)".utf8)
            owners.taps[Owners.Tap(device: name, namespace: file, isCertain: number % 2 == 0)] = workload
            owners.namespaces[file] = Owners.Inhabitant(
                workload: Workload(.pod, name: "p\(number)".utf8), thread: Int32(number))
        }
        return owners
    }

    static let report = HelperMessage.Report(
        isNew: true, scope: .full, statistics: SweepStatistics(), duration: .nanoseconds(7), processorTime: .seconds(5))

    @Test("what the helper tells is what the daemon learns")
    func roundTrip() throws {
        var assembly = HelperAssembly()
        for packet in Self.owners.packets {
            #expect(packet.encode().count <= HelperMessage.largest)
            #expect(assembly.take(try HelperMessage(decoding: packet.encode())) == .unfinished)
        }
        let end = try HelperMessage(decoding: HelperMessage.swept(Self.report).encode())
        #expect(assembly.take(end) == .swept(Self.owners, Self.report))
    }

    @Test("what a helper had begun to tell when it ended is forgotten")
    func torn() {
        var assembly = HelperAssembly()
        _ = assembly.take(Self.owners.packets[0])
        let hello = HelperMessage.Hello(generation: 1, pid: 7, seesAll: true, own: nil)
        #expect(assembly.take(.hello(hello)) == .helperBegan(hello))
        #expect(assembly.take(.swept(Self.report)) == .swept(Owners(), Self.report))
    }

    @Test("what the helper is asked is what it reads, and its answer what the asker learns")
    func questions() throws {
        let questions = ProcessQuestions(
            asksForInhabitants: true, namespaces: [1, .max], taps: ["tap0", EscapedText([0xff, 0x20])])
        for request in [
            .look(questions, number: 7), .sweep(.full),
            .open(NamespaceFile(device: 4, inode: 9), thread: 12, number: .max),
        ] as [HelperRequest] {
            #expect(try HelperRequest(decoding: request.encode()) == request)
        }
        let answers = Self.answers
        var assembly = HelperAssembly()
        let packets = answers.packets(number: 7)
        for packet in packets.dropLast() {
            #expect(packet.encode().count <= HelperMessage.largest)
            #expect(assembly.take(try HelperMessage(decoding: packet.encode())) == .unfinished)
        }
        let end = assembly.take(try HelperMessage(decoding: packets.last!.encode()))
        #expect(end == .answered(answers, number: 7))
    }

    /// As many of all, and texts as long, as may be.
    static let answers: ProcessAnswers = {
        let process = ProcessName(pid: 1, command: EscapedText([UInt8](repeating: 0xff, count: 64)))
        let path = Workload.text([UInt8](repeating: 1, count: 4096))
        var answers = ProcessAnswers()
        answers.inhabited = Set(0..<5_000)
        answers.sawAllProcesses = true
        for number in 0..<ProcessQuestions.most {
            let holders: [NamespaceHolder] = [
                .mount(path: path, process), .descriptor(process), .socket(process), .tap(process),
            ]
            answers.holders[UInt64(number)] = holders
            answers.readers[EscapedText("tap\(number)".utf8)] = [process, process, process, process]
        }
        return answers
    }()

    @Test("a descriptor comes with its packet, and none comes without")
    func descriptors() throws {
        let (mine, its) = try PacketSocket.pair()
        defer {
            mine.close()
            its.close()
        }
        let file = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC)
        defer { close(file) }
        #expect(its.send([1, 2], passing: file) && its.send([3]))
        let first = try #require(mine.receive(limit: 2))
        let passed = try #require(first.passed)
        defer { close(passed) }
        #expect(first.packet == [1, 2] && passed != file)
        #expect(NamespaceFile(descriptor: passed) == NamespaceFile(descriptor: file))
        #expect(fcntl(passed, F_GETFD) & FD_CLOEXEC != 0)
        let second = try #require(mine.receive(limit: 2))
        #expect(second.packet == [3] && second.passed == nil)
        #expect(its.send([1, 2, 3], passing: file))
        #expect(mine.receive(limit: 2) == nil, "a packet larger than any is refused")
    }

    @Test("a namespace is opened for the thread that lives there, and for no other")
    func namespaces() throws {
        let files = ProcFS()
        let own = try #require(files.namespace("self/ns/net"))
        let file = try #require(files.open(own, of: getpid()))
        defer { close(file) }
        #expect(NamespaceFile(descriptor: file) == own)
        #expect(files.open(NamespaceFile(device: own.device, inode: own.inode + 1), of: getpid()) == nil)
        #expect(files.open(own, of: 0) == nil)
    }

    @Test("an answer wakes who asked; when the helper ends nobody waits on; what comes too late is closed")
    func openQuestions() throws {
        var questions = OpenQuestions()
        let (first, second) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let numbers = (questions.add(first), questions.add(second))
        questions.answer(numbers.1, .processes(Self.answers))
        #expect(second.wait(timeout: .now()) == .success && first.wait(timeout: .now()) == .timedOut)
        guard case .processes(Self.answers) = questions.take(numbers.1) else {
            Issue.record("another answer")
            return
        }
        questions.giveUp()
        #expect(first.wait(timeout: .now()) == .success && questions.take(numbers.0) == nil)
        let file = open("/dev/null", O_RDONLY | O_CLOEXEC)
        questions.answer(numbers.0, .namespace(file))
        #expect(fcntl(file, F_GETFD) == -1 && errno == EBADF)
    }

    @Test("a packet cut anywhere, or with bytes changed, is refused or read, and never traps")
    func hostile() throws {
        var random = SystemRandomNumberGenerator()
        let seed = UInt64.random(in: 0...(.max), using: &random)
        print("seed \(seed)")
        var state = seed
        func next() -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33)
        }
        let hello = HelperMessage.hello(
            .init(generation: 1, pid: 7, seesAll: true, own: NamespaceFile(device: 1, inode: 2)))
        let opening = HelperRequest.open(NamespaceFile(device: 1, inode: 2), thread: 3, number: 4)
        let requests = [opening, .look(ProcessQuestions(namespaces: [1], taps: ["tap0"]), number: 5)].map {
            $0.encode()
        }
        var answers = Self.answers
        (answers.inhabited, answers.holders) = ([1, 2], answers.holders.filter { $0.key < 3 })
        answers.readers = answers.readers.filter { $0.key == "tap0" }
        let messages = Self.owners.packets + answers.packets(number: 6) + [.swept(Self.report), hello]
        for packet in messages.map({ $0.encode() }) + requests {
            for length in 0..<min(packet.count, 60) where length > 1 {
                _ = try? HelperMessage(decoding: Array(packet.prefix(length)))
                _ = try? HelperRequest(decoding: Array(packet.prefix(length)))
            }
            for _ in 0..<300 {
                var changed = packet
                changed[next() % changed.count] = UInt8(truncatingIfNeeded: next())
                _ = try? HelperMessage(decoding: changed)
                _ = try? HelperRequest(decoding: changed)
            }
        }
        for broken in [[], [9], [3], [0, 1]] as [[UInt8]] {
            #expect(throws: WireReader.Failure.self) { try HelperMessage(decoding: broken) }
        }
    }
}

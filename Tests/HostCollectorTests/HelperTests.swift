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
        isNew: true, scope: .full, statistics: SweepStatistics(), duration: 7, processorTime: 5)

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
        let hello = HelperMessage.Hello(generation: 1, seesAll: true, own: nil)
        #expect(assembly.take(.hello(hello)) == .helperBegan(hello))
        #expect(assembly.take(.swept(Self.report)) == .swept(Owners(), Self.report))
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
        let hello = HelperMessage.hello(.init(generation: 1, seesAll: true, own: NamespaceFile(device: 1, inode: 2)))
        for packet in (Self.owners.packets + [.swept(Self.report), hello]).map({ $0.encode() }) {
            for length in 0..<min(packet.count, 60) where length > 1 {
                _ = try? HelperMessage(decoding: Array(packet.prefix(length)))
            }
            for _ in 0..<300 {
                var changed = packet
                changed[next() % changed.count] = UInt8(truncatingIfNeeded: next())
                _ = try? HelperMessage(decoding: changed)
            }
        }
        for broken in [[], [9], [3], [0, 1]] as [[UInt8]] {
            #expect(throws: WireReader.Failure.self) { try HelperMessage(decoding: broken) }
        }
    }

    @Test("a helper that ends over and over is replaced ever later, one that did its work at once")
    func backoff() {
        var backoff = RestartBackoff()
        #expect((0..<4).map { _ in backoff.delay(after: .zero) } == [100, 200, 400, 800].map { .milliseconds($0) })
        for _ in 0..<20 { _ = backoff.delay(after: .zero) }
        #expect(backoff.delay(after: .zero) == RestartBackoff.longest)
        #expect(backoff.delay(after: RestartBackoff.healthy) == RestartBackoff.first)
    }

    @Test("looks at what is new come every second, at all every ten, and take a hundredth of the time in the long run")
    func schedule() {
        let start = ContinuousClock.now
        var schedule = OwnerSchedule(start: start)
        var (now, used) = (start, Duration.zero)
        var looks: [Sweep.Scope: Int] = [:]
        while now - start < .seconds(3600) {
            if let scope = schedule.due(at: now) {
                let cost = Duration.milliseconds(scope == .full ? 300 : 5)
                used += cost
                looks[scope, default: 0] += 1
                schedule.ended(scope, cost: cost, at: now)
            }
            now += schedule.delay(at: now)
        }
        #expect(used <= .seconds(36) + OwnerSchedule.mostCredit + .milliseconds(300))
        #expect(looks[.quick, default: 0] > 1000 && looks[.full, default: 0] > 50, "\(looks)")
    }
}

import TestSupport
import Testing

@testable import VexportCore

/// Guests behind taps with one MAC, found by where their bridge hears it, stepped by a clock.
extension DiagnosisTests {
    private static let mac = HardwareAddress([0x52, 0x54, 0, 0, 0, 0x77])
    private static let qemus = [ProcessName(pid: 7, command: "qemu"), ProcessName(pid: 8, command: "qemu")]

    /// Taps 10 and 11 in bridge 20.
    private mutating func makeGuests(at seconds: Double = 0) {
        apply(.asked(index: 20, LinkState(name: "br0", kind: .bridge)), at: seconds)
        for index in [10, 11] as [Int32] { setTap(index, hasReader: true, at: seconds) }
    }

    private mutating func setTap(_ index: Int32, hasReader: Bool, at seconds: Double) {
        var tap = LinkState(name: "vnet\(index)", kind: .tap)
        tap.flags = .up
        tap.carrier = .init(isUp: hasReader, changes: hasReader ? 0 : 1, ups: 0, downs: hasReader ? 0 : 1)
        tap.masterIndex = 20
        tap.bridgePort = .init()
        apply(.asked(index: index, tap), at: seconds)
    }

    /// A look at a time at which the bridge has the address behind a port.
    ///
    /// - Returns: whether the bridge was looked at.
    @discardableResult
    private mutating func hear(
        behind port: Int32, at seconds: Double, _ address: HardwareAddress = mac, readers: [ProcessName] = qemus
    ) -> Bool {
        diagnosis.step(inventory, changed: [], at: moment(seconds))
        guard let request = diagnosis.takeRequest(inventory, at: moment(seconds).instant) else { return false }
        var answer = FactAnswer(startedAt: moment(seconds).instant)
        for question in request.links {
            var sheet = LinkFactSheet()
            sheet.seen = inventory[question.place].map { LinkSighting($0.state) }
            sheet.readers = [readers[Int(question.place.index) - 10]]
            answer.links[question.place] = sheet
        }
        for bridge in request.bridges { answer.heard[bridge] = [HeardAddress(port: port, vlan: 0, address: address)] }
        diagnosis.take(answer, inventory, at: moment(seconds))
        return !request.bridges.isEmpty
    }

    /// Looks that find the address behind one port and the other in turns.
    private mutating func contest(
        _ seconds: Range<Int>, _ address: HardwareAddress = mac, readers: [ProcessName] = qemus
    ) {
        var port: Int32 = 10
        for second in seconds where hear(behind: port, at: Double(second), address, readers: readers) {
            port = 21 - port
        }
    }

    @Test("an address that goes to and fro between two guests is a duplicate, until one of them ends")
    mutating func contested() throws {
        makeGuests()
        contest(31..<72)
        #expect(kinds.isEmpty, "within the grace time")
        contest(72..<75)
        #expect(kinds == [.macDuplicate, .macDuplicate])
        let finding = try #require(diagnosis.findings(inventory).first)
        #expect(finding.reason == "its workload has the MAC 52:54:00:00:00:77, and so has the one behind vnet11")
        #expect(finding.evidence.contains(Evidence("process 8 (qemu) is behind vnet11", "/proc/PID/fdinfo")))
        #expect(finding.command == "bridge fdb show br br0")
        setTap(11, hasReader: false, at: 95)
        #expect(kinds.isEmpty)
    }

    @Test("two guests of which one falls silent are no finding five minutes later")
    mutating func silence() {
        makeGuests()
        contest(31..<91)
        for time in stride(from: 100.0, to: 350, by: 31) { hear(behind: 11, at: time) }
        #expect(kinds == [.macDuplicate, .macDuplicate])
        for time in stride(from: 400.0, to: 500, by: 31) { hear(behind: 11, at: time) }
        #expect(kinds.isEmpty)
    }

    @Test("a guest that migrates, and later comes back, takes its address along")
    mutating func migration() {
        makeGuests()
        for time in stride(from: 31.0, to: 2000, by: 1) {
            hear(behind: (time / 600).rounded(.down).truncatingRemainder(dividingBy: 2) == 0 ? 10 : 11, at: time)
            #expect(kinds.isEmpty, "at \(time)")
        }
    }

    @Test("after a move the bridge is looked at each second, else twice a minute, and without guests never")
    mutating func pace() {
        func looks(_ from: Double, _ seconds: Int, behind port: Int32) -> Int {
            (0..<seconds).count { second in
                let before = diagnosis.nextAddressLook
                hear(behind: port, at: from + Double(second))
                return diagnosis.nextAddressLook != before
            }
        }
        makeGuests()
        #expect(looks(0, 60, behind: 10) == 2)
        #expect(looks(60, 30, behind: 11) == 30)
        #expect(looks(90, 60, behind: 11) <= 3)
        setTap(11, hasReader: false, at: 150)
        #expect(diagnosis.takeRequest(inventory, at: moment(200).instant)?.bridges.isEmpty != false)
    }

    @Test("a virtual router's address moves by design, and one machine with two taps may speak on both")
    mutating func byDesign() {
        makeGuests()
        contest(31..<91, HardwareAddress([0, 0, 0x5e, 0, 1, 9]))
        #expect(kinds.isEmpty)
        contest(131..<191, readers: [Self.qemus[0], Self.qemus[0]])
        #expect(kinds.isEmpty)
    }
}

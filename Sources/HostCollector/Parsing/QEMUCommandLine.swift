/// What a QEMU process was started with, as far as it says which virtual machine it is.
struct QEMUCommandLine: Equatable {
    /// Source: `-name [guest=]NAME`.
    var name: [UInt8]?
    /// Source: `-uuid`.
    var uuid: [UInt8]?

    /// - Parameter cmdline: /proc/PID/cmdline: arguments, each with a NUL at its end.
    /// - Returns: nil when the program is not QEMU.
    init?(cmdline: [UInt8]) {
        let arguments = cmdline.split(separator: 0, omittingEmptySubsequences: false)
        guard let program = arguments.first?.split(separator: UInt8(ascii: "/")).last, Self.isQEMU(program) else {
            return nil
        }
        for (option, value) in zip(arguments.dropFirst(), arguments.dropFirst(2)) {
            guard let option = option.dropping(prefix: "--") ?? option.dropping(prefix: "-") else { continue }
            if option.equals("uuid"), Self.isUUID(value) { uuid = value.map { $0 | (Self.isLetter($0) ? 0x20 : 0) } }
            if option.equals("name") { name = Self.guest(value) }
        }
    }

    private static func isQEMU(_ program: ArraySlice<UInt8>) -> Bool {
        program.starts(with: "qemu-system-") || program.equals("qemu-kvm") || program.equals("kvm")
            || program.equals("qemu")
    }

    /// The guest's name in `[guest=]NAME[,process=…][,debug-threads=…]`, where a comma in a name is written twice.
    private static func guest(_ value: ArraySlice<UInt8>) -> [UInt8]? {
        var settings: [[UInt8]] = [[]]
        var rest = value
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: ","), rest.first != byte {
                settings.append([])
            } else {
                if byte == UInt8(ascii: ",") { rest = rest.dropFirst() }
                settings[settings.count - 1].append(byte)
            }
        }
        let named = settings.lazy.compactMap { $0.dropping(prefix: "guest=") }.first
        let name = named.map(Array.init) ?? (settings[0].contains(UInt8(ascii: "=")) ? [] : settings[0])
        return name.isEmpty ? nil : name
    }

    static func isUUID(_ text: ArraySlice<UInt8>) -> Bool {
        text.count == 36
            && text.enumerated().allSatisfy { place, byte in
                [8, 13, 18, 23].contains(place)
                    ? byte == UInt8(ascii: "-") : (byte | (isLetter(byte) ? 0x20 : 0)).hexDigit != nil
            }
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) }
}

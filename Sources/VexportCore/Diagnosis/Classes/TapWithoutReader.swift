extension FindingClass {
    /// A virtual machine is gone, and its tap has outlived it.
    static let tapWithoutReader = FindingClass(.tapWithoutReader, grace: .seconds(10)) { subject in
        guard subject.state.kind == .tap, subject.state.tun?.persistent == true, subject.state.carrier.isUp == false
        else {
            return .fine
        }
        guard let readers = subject.sheet.readers else { return .unsure(.readers) }
        guard readers.isEmpty else { return .fine }
        return .wrong(
            Diagnosed(
                // One that is down was set aside by somebody, or prepared for a machine that is still to come.
                severity: subject.isAdminUp ? .warning : .info,
                reason: "no process reads from it: its virtual machine or program is gone",
                evidence: [
                    Evidence("it persists", "IFLA_TUN_PERSIST"), Evidence("it has no carrier", "IFLA_CARRIER"),
                    Evidence("it is \(subject.isAdminUp ? "up" : "down")", "ifi_flags"),
                    Evidence("no process holds a descriptor of it", "/proc/PID/fdinfo"),
                ], command: subject.ip("link del dev DEVICE", on: subject.link)),
            restsOn: .readers)
    }
}

internal import CVexportPlugin

/// Takes what a library's function has to say.
final class LibrarySink {
    private(set) var bytes: [UInt8] = []
    private(set) var labels: [String: String] = [:]
    private(set) var reason: String?

    /// What the library sees of a sink: its functions, and behind them the sink that they belong to.
    @safe private struct Handle {
        var functions: vexport_sink
        let sink: Unmanaged<LibrarySink>
    }

    /// Has a function of a library called with this sink.
    func use<Result>(_ body: (UnsafeMutablePointer<vexport_sink>) -> Result) -> Result {
        let functions = unsafe vexport_sink(
            write: { handle, bytes, count in
                guard let bytes = unsafe bytes else { return }
                unsafe LibrarySink.of(handle).bytes += UnsafeRawBufferPointer(start: bytes, count: count)
            },
            label: { handle, name, value in
                guard let name = unsafe name, let value = unsafe value else { return }
                unsafe LibrarySink.of(handle).labels[String(cString: name)] = unsafe String(cString: value)
            },
            fail: { handle, reason in
                guard let reason = unsafe reason else { return }
                unsafe LibrarySink.of(handle).reason = unsafe String(cString: reason)
            })
        var handle = unsafe Handle(functions: functions, sink: .passUnretained(self))
        return withExtendedLifetime(self) {
            unsafe withUnsafeMutablePointer(to: &handle) { handle in
                // The functions are the first of the handle's members.
                unsafe handle.withMemoryRebound(to: vexport_sink.self, capacity: 1) { unsafe body($0) }
            }
        }
    }

    private static func of(_ functions: UnsafeMutablePointer<vexport_sink>?) -> LibrarySink {
        guard let functions = unsafe functions else { preconditionFailure("a sink's function called without the sink") }
        return unsafe UnsafeRawPointer(functions).load(as: Handle.self).sink.takeUnretainedValue()
    }
}

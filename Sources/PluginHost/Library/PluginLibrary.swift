internal import CVexportPlugin
import Glibc
import VexportCore

/// A plugin that is a shared library, as packaging/include/vexport_plugin.h describes it. It is loaded into a process that
/// does nothing else, and stays loaded as long as that lives.
@safe
final class PluginLibrary {
    private let plugin: UnsafePointer<vexport_plugin>
    private var state: UnsafeMutableRawPointer?

    /// Loads a library and opens the plugin in it.
    ///
    /// - Parameter name: the plugin's, in the configuration.
    /// - Throws: when it can't be loaded, is none, is of another version, or refuses.
    init(_ path: String, name: String) throws(PluginFailure) {
        guard let handle = unsafe dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
            let reason = unsafe dlerror().map { unsafe String(cString: $0) } ?? "no reason"
            throw PluginFailure("load \(EscapedText(path.utf8)): \(EscapedText(reason.utf8))")
        }
        typealias Entry = @convention(c) () -> UnsafePointer<vexport_plugin>?
        guard let symbol = unsafe dlsym(handle, VEXPORT_PLUGIN_SYMBOL),
            let plugin = unsafe unsafeBitCast(symbol, to: Entry.self)()
        else { throw PluginFailure("\(EscapedText(path.utf8)) has no function vexport_plugin that returns a plugin") }
        let version = unsafe plugin.pointee.abi
        guard version == VEXPORT_PLUGIN_ABI else {
            throw PluginFailure(
                "\(EscapedText(path.utf8)) is for version \(version) of vexport_plugin.h; this vexport has "
                    + "\(VEXPORT_PLUGIN_ABI): compile it anew")
        }
        unsafe self.plugin = plugin
        guard let open = unsafe plugin.pointee.open else { return }
        let sink = LibrarySink()
        let code = unsafe sink.use { functions in unsafe open(name, &state, functions) }
        guard code == 0 else { throw Self.failure("open", code, sink) }
    }

    /// The hooks that it has.
    var hooks: [PluginHook] {
        let hooks: [(PluginHook, Bool)] = unsafe [
            (.collect, plugin.pointee.collect != nil), (.enrich, plugin.pointee.enrich != nil),
            (.observe, plugin.pointee.observe != nil), (.deliver, plugin.pointee.deliver != nil),
        ]
        return hooks.filter(\.1).map(\.0)
    }

    /// - Returns: metrics.
    func collect() throws(PluginFailure) -> String {
        let sink = unsafe try call("collect") { functions in
            unsafe plugin.pointee.collect.map { unsafe $0(state, functions) }
        }
        guard let text = String(validating: sink.bytes, as: UTF8.self) else {
            throw PluginFailure("wrote what is no UTF-8")
        }
        return text
    }

    /// - Returns: labels for a link.
    func enrich(_ link: LinkSummary) throws(PluginFailure) -> [String: String] {
        let texts = unsafe [
            link.device, link.namespace, link.kind, link.alias, link.address, link.master, link.peer, link.workload,
            link.workloadKind, link.workloadID,
        ].map { text in unsafe text.map { unsafe strdup($0.description) } }
        defer { unsafe texts.forEach { unsafe free($0 ?? nil) } }
        var words = unsafe texts.makeIterator()
        func next() -> UnsafePointer<CChar>? { unsafe (words.next() ?? nil).map { unsafe UnsafePointer($0!) } }
        var passed = unsafe vexport_link(
            number: link.number, ifindex: link.index, device: next(), netns: next(), kind: next(), alias: next(),
            address: next(), master: next(), peer: next(), workload: next(), workload_kind: next(), workload_id: next())
        return unsafe try call("enrich") { functions in
            unsafe plugin.pointee.enrich.map { unsafe $0(state, &passed, functions) }
        }.labels
    }

    /// - Parameter line: of the protocol.
    func observe(_ line: String) { unsafe plugin.pointee.observe?(state, line) }

    /// - Parameter line: of the protocol.
    func deliver(_ line: String) throws(PluginFailure) {
        _ = unsafe try call("deliver") { functions in
            unsafe plugin.pointee.deliver.map { unsafe $0(state, line, functions) }
        }
    }

    func close() { unsafe plugin.pointee.close?(state) }

    private func call(
        _ name: String, _ body: (UnsafeMutablePointer<vexport_sink>) -> Int32?
    ) throws(PluginFailure) -> LibrarySink {
        let sink = LibrarySink()
        guard let code = unsafe sink.use({ unsafe body($0) }) else { throw PluginFailure("the library has no \(name)") }
        guard code == 0 else { throw Self.failure(name, code, sink) }
        return sink
    }

    private static func failure(_ name: String, _ code: Int32, _ sink: LibrarySink) -> PluginFailure {
        PluginFailure("\(name) returned \(code)" + (sink.reason.map { ": \(EscapedText($0.utf8.prefix(300)))" } ?? ""))
    }
}

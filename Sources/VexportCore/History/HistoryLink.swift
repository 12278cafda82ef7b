/// What the history remembers of a link beside its counters: how it is called, and how it is found again by a vexport that
/// was started later.
public struct HistoryLink: Equatable, Sendable {
    /// The last name it had.
    public var name: EscapedText
    /// The label of its namespace; nil for vexport's own.
    public var namespace: EscapedText?
    /// As `vexport_link_info` has it.
    public var kind: EscapedText
    public var index: Int32
    /// How many of the counters the kernel reported, the first ones.
    public var counterCount: Int
    /// Its namespace for other processes of this boot: the file's cookie, or device and inode. Empty when that is not known;
    /// then it is not found again.
    var namespaceKey: String

    /// Where it was when it was last seen. Two links that live have no place in common.
    var place: String? { namespaceKey.isEmpty ? nil : "\(namespaceKey) \(index) \(kind)" }
}

extension HistoryLink {
    /// The first line says which form the rest has.
    private static let form = "1"

    /// As the store keeps it: a line each, since escaped text has no line ends.
    var metadata: [UInt8] {
        let fixed = [Self.form, namespaceKey, "\(index)", "\(counterCount)", "\(kind)", "\(name)"]
        var bytes = Array(fixed.joined(separator: "\n").utf8)
        if let namespace {
            // A name of 255 bytes can be four times as long once it is escaped.
            bytes += "\n\(namespace)".utf8.prefix(max(0, Self.longestMetadata - bytes.count))
        }
        return Array(bytes.prefix(Self.longestMetadata))
    }

    private static let longestMetadata = 1024

    /// - Returns: nil for what another version wrote, or nobody's.
    init?(metadata: [UInt8]) {
        let lines = String(decoding: metadata, as: UTF8.self)
            .split(separator: "\n", maxSplits: 6, omittingEmptySubsequences: false)
        guard lines.count >= 6, lines[0] == Self.form, let index = Int32(lines[2]), let counterCount = Int(lines[3]),
            (0...LinkCounter.allCases.count).contains(counterCount)
        else { return nil }
        self.init(
            name: EscapedText(escaped: String(lines[5])),
            namespace: lines.count > 6 ? EscapedText(escaped: String(lines[6])) : nil,
            kind: EscapedText(escaped: String(lines[4])), index: index, counterCount: counterCount,
            namespaceKey: String(lines[1]))
    }

    /// - Parameter ownKey: the key of vexport's own namespace.
    init(_ record: LinkRecord, counterCount: Int, file: NamespaceFile?, ownKey: String) {
        let isOwn = record.link.place.namespace == .own
        self.init(
            name: record.link.state.name, namespace: record.namespace,
            kind: EscapedText(escaped: record.link.state.kind.name), index: record.link.place.index,
            counterCount: counterCount, namespaceKey: isOwn ? ownKey : file?.historyKey ?? "")
    }
}

extension NamespaceFile {
    /// Tells the namespace from others of this boot, as far as can be told.
    public var historyKey: String { cookie.map { "cookie:\($0)" } ?? "\(device):\(inode)" }
}

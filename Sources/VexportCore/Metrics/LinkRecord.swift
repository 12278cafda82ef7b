/// A link as frames hold it: unchanging, with its label blocks rendered once.
public final class LinkRecord: Sendable {
    public let link: Link
    /// `{device="…"}`, as bytes of the text format.
    let deviceBlock: [UInt8]
    /// For each info of the table: its label block with the value, or nothing. In table order.
    let infoBlocks: [[UInt8]?]

    /// A link with the names of its neighbours, for labels.
    struct Context {
        let link: Link
        let masterName: EscapedText?
        let peerName: EscapedText?
        var state: LinkState { link.state }
    }

    init(_ context: Context, _ table: LinkTable) {
        link = context.link
        let device = Label("device", context.state.name.description)
        deviceBlock = TextFormat.block([device])
        infoBlocks = table.infos.map { labels in labels(context).map { TextFormat.block([device] + $0) } }
    }
}

internal import CLibYaml
import VexportCore

/// Reads one YAML document into nodes, by way of libyaml's events. Bounded: whatever the file holds, what it becomes is
/// small.
@safe
struct YAMLParser: ~Copyable {
    /// Sections and lists inside one another.
    static let deepest = 32
    /// Nodes in all, each use of an alias counted as what it stands for.
    static let largest = 100_000

    /// In one place of memory for life: libyaml keeps a pointer to it inside.
    private let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    private var anchors: [String: YAMLNode] = [:]
    private var size = 0

    private init() {
        unsafe yaml_parser_initialize(parser)
    }

    deinit {
        unsafe yaml_parser_delete(parser)
        unsafe parser.deallocate()
    }

    /// Reads a file's bytes.
    ///
    /// - Returns: nil for an empty document.
    /// - Throws: `ConfigProblem` for what is no YAML, more than one document, a tag, a key that is no text or comes
    ///   twice, and for what is over the limits.
    static func parse(_ bytes: [UInt8]) throws(ConfigProblem) -> YAMLNode? {
        var parser = YAMLParser()
        var result: Result<YAMLNode?, ConfigProblem>?
        unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe yaml_parser_set_input_string(parser.parser, buffer.baseAddress, buffer.count)
            do throws(ConfigProblem) { result = .success(try parser.document()) } catch { result = .failure(error) }
        }
        return try result!.get()
    }

    private enum Event {
        case start, end, documentEnd
        case scalar(String, isPlain: Bool, anchor: String?)
        case sequence(anchor: String?)
        case mapping(anchor: String?)
        case alias(String)
        case close
    }

    private mutating func document() throws(ConfigProblem) -> YAMLNode? {
        _ = try next()  // the stream's start
        guard case .start = try next().event else { return nil }
        let (event, place) = try next()
        let root = try node(event, place, depth: 0)
        _ = try next()  // the document's end
        let (after, afterPlace) = try next()
        guard case .end = after else { throw ConfigProblem(afterPlace, "a second document; there may be one") }
        return root
    }

    private mutating func node(_ event: Event, _ place: YAMLPlace, depth: Int) throws(ConfigProblem) -> YAMLNode {
        guard depth <= Self.deepest else {
            throw ConfigProblem(place, "more than \(Self.deepest) sections and lists inside one another")
        }
        var node: YAMLNode
        var name: String?
        switch event {
        case .scalar(let text, let isPlain, let anchor):
            node = YAMLNode(content: .scalar(text, isPlain: isPlain), place: place, size: 1)
            name = anchor
        case .sequence(let anchor):
            node = try sequence(place, depth)
            name = anchor
        case .mapping(let anchor):
            node = try mapping(place, depth)
            name = anchor
        case .alias(let anchor):
            guard let known = anchors[anchor] else {
                throw ConfigProblem(place, "no anchor '&\(EscapedText(anchor.utf8))' before this alias")
            }
            node = known
        case .start, .end, .documentEnd, .close: throw ConfigProblem(place, "expected a value")
        }
        if case .alias = event { size += node.size } else { size += 1 }
        guard size <= Self.largest else {
            throw ConfigProblem(place, "more than \(Self.largest) values, those behind aliases included")
        }
        if let name { anchors[name] = node }
        return node
    }

    private mutating func sequence(_ place: YAMLPlace, _ depth: Int) throws(ConfigProblem) -> YAMLNode {
        var elements: [YAMLNode] = []
        while true {
            let (event, elementPlace) = try next()
            if case .close = event { break }
            elements.append(try node(event, elementPlace, depth: depth + 1))
        }
        return YAMLNode(
            content: .sequence(elements), place: place, size: elements.reduce(1) { $0 + $1.size })
    }

    private mutating func mapping(_ place: YAMLPlace, _ depth: Int) throws(ConfigProblem) -> YAMLNode {
        var pairs: [(key: String, keyPlace: YAMLPlace, value: YAMLNode)] = []
        var keys: [String: YAMLPlace] = [:]
        while true {
            let (event, keyPlace) = try next()
            if case .close = event { break }
            guard case .scalar(let key, _, _) = event else { throw ConfigProblem(keyPlace, "expected a key") }
            if let first = keys.updateValue(keyPlace, forKey: key) {
                throw ConfigProblem(
                    keyPlace, "'\(EscapedText(key.utf8))' is there twice, first in line \(first.line)")
            }
            let (valueEvent, valuePlace) = try next()
            pairs.append((key, keyPlace, try node(valueEvent, valuePlace, depth: depth + 1)))
        }
        return YAMLNode(content: .mapping(pairs), place: place, size: pairs.reduce(1) { $0 + 1 + $1.value.size })
    }

    private mutating func next() throws(ConfigProblem) -> (event: Event, place: YAMLPlace) {
        var raw = unsafe yaml_event_t()
        guard unsafe yaml_parser_parse(parser, &raw) == 1 else { throw problem() }
        defer { unsafe yaml_event_delete(&raw) }
        let place = unsafe YAMLPlace(line: Int(raw.start_mark.line) + 1, column: Int(raw.start_mark.column) + 1)
        func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
            unsafe pointer.map { unsafe String(cString: $0) }
        }
        func refuseTag(_ tag: UnsafeMutablePointer<yaml_char_t>?) throws(ConfigProblem) {
            guard let tag = unsafe text(tag) else { return }
            throw ConfigProblem(place, "a tag (\(EscapedText(tag.utf8))); values are what they look like")
        }
        switch unsafe raw.type {
        case YAML_DOCUMENT_START_EVENT: return (.start, place)
        case YAML_STREAM_END_EVENT: return (.end, place)
        case YAML_ALIAS_EVENT: return (.alias(unsafe text(raw.data.alias.anchor) ?? ""), place)
        case YAML_SEQUENCE_START_EVENT:
            try unsafe refuseTag(raw.data.sequence_start.tag)
            return (.sequence(anchor: unsafe text(raw.data.sequence_start.anchor)), place)
        case YAML_MAPPING_START_EVENT:
            try unsafe refuseTag(raw.data.mapping_start.tag)
            return (.mapping(anchor: unsafe text(raw.data.mapping_start.anchor)), place)
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: return (.close, place)
        case YAML_SCALAR_EVENT:
            let scalar = unsafe raw.data.scalar
            try unsafe refuseTag(scalar.tag)
            let bytes = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            let isPlain = unsafe scalar.style == YAML_PLAIN_SCALAR_STYLE
            return (
                .scalar(
                    unsafe String(decoding: bytes, as: UTF8.self), isPlain: isPlain, anchor: unsafe text(scalar.anchor)),
                place
            )
        default: return (.documentEnd, place)  // or the stream's start: both say nothing
        }
    }

    /// What libyaml says of the place where it stopped.
    private func problem() -> ConfigProblem {
        let reason = unsafe parser.pointee.problem.map { unsafe String(cString: $0) } ?? "not enough memory"
        let context = unsafe parser.pointee.context.map { unsafe String(cString: $0) + ": " } ?? ""
        // Where bytes are no text, the parser is still a buffer behind and only its reader knows the place.
        let isByte = unsafe parser.pointee.error == YAML_READER_ERROR
        let mark = unsafe isByte ? parser.pointee.mark : parser.pointee.problem_mark
        let offset = unsafe isByte ? " (byte \(parser.pointee.problem_offset) of the file)" : ""
        return ConfigProblem(
            YAMLPlace(line: Int(mark.line) + 1, column: Int(mark.column) + 1), "not YAML: \(context)\(reason)\(offset)")
    }
}

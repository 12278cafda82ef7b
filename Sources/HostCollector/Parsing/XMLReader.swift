internal import CExpat

/// Reads an XML document element by element, within limits: a size, a depth, and no document type, so that there are no
/// entities to expand.
@safe
struct XMLReader {
    enum Event {
        /// An element begins. Names are `namespace|name`, without the bar outside of namespaces.
        case start(String, attributes: [String: [UInt8]])
        case text([UInt8])
        case end
    }

    struct Failure: Error, CustomStringConvertible {
        let line: UInt
        let reason: String
        var description: String { "XML, line \(line): \(reason)" }
    }

    static let largest = 1 << 20
    static let deepest = 64

    @safe
    private final class State {
        private let parser: XML_Parser
        let handle: (Event) -> Void
        var depth = 0
        var refusal: String?

        init(_ parser: XML_Parser, _ handle: @escaping (Event) -> Void) {
            unsafe self.parser = unsafe parser
            self.handle = handle
        }

        func refuse(_ reason: String) {
            refusal = reason
            unsafe XML_StopParser(parser, XML_Bool(XML_FALSE))
        }
    }

    /// Calls `handle` with all there is, in order.
    ///
    /// - Throws: for what is no XML, or beyond the limits. What came before has been handled by then.
    static func read(_ document: [UInt8], _ handle: (Event) -> Void) throws(Failure) {
        guard document.count <= largest else { throw Failure(line: 0, reason: "over \(largest) bytes") }
        guard let parser = unsafe XML_ParserCreateNS(nil, XML_Char(bitPattern: UInt8(ascii: "|"))) else {
            throw Failure(line: 0, reason: "no memory")
        }
        defer { unsafe XML_ParserFree(parser) }
        let failure = withoutActuallyEscaping(handle) { handle in
            let state = unsafe State(parser, handle)
            unsafe XML_SetUserData(parser, Unmanaged.passUnretained(state).toOpaque())
            unsafe setHandlers(parser)
            let result = unsafe document.withUnsafeBufferPointer { bytes in
                unsafe bytes.withMemoryRebound(to: CChar.self) {
                    unsafe XML_Parse(parser, $0.baseAddress, Int32($0.count), 1)
                }
            }
            return withExtendedLifetime(state) { () -> Failure? in
                guard result != XML_STATUS_OK else { return nil }
                let message = unsafe XML_ErrorString(XML_GetErrorCode(parser)).map { unsafe String(cString: $0) }
                return Failure(
                    line: UInt(unsafe XML_GetCurrentLineNumber(parser)),
                    reason: state.refusal ?? message ?? "not well-formed")
            }
        }
        if let failure { throw failure }
    }

    private static func setHandlers(_ parser: XML_Parser) {
        unsafe XML_SetElementHandler(
            parser,
            { user, name, pairs in
                let state = unsafe XMLReader.state(user)
                state.depth += 1
                guard state.depth <= XMLReader.deepest else {
                    return state.refuse("over \(XMLReader.deepest) elements deep")
                }
                guard state.refusal == nil else { return }
                var attributes: [String: [UInt8]] = [:]
                var place = 0
                while let key = unsafe pairs?[place], let value = unsafe pairs?[place + 1] {
                    attributes[unsafe String(cString: key)] = unsafe XMLReader.bytes(value)
                    place += 2
                }
                state.handle(.start(unsafe String(cString: name!), attributes: attributes))
            },
            { user, _ in
                let state = unsafe XMLReader.state(user)
                state.depth -= 1
                if state.refusal == nil { state.handle(.end) }
            })
        unsafe XML_SetCharacterDataHandler(parser) { user, text, count in
            let bytes = unsafe UnsafeBufferPointer(start: text, count: Int(count)).map { UInt8(bitPattern: $0) }
            unsafe XMLReader.state(user).handle(.text(bytes))
        }
        unsafe XML_SetStartDoctypeDeclHandler(parser) { user, _, _, _, _ in
            unsafe XMLReader.state(user).refuse("a document type, which may hide anything")
        }
    }

    private static func state(_ user: UnsafeMutableRawPointer?) -> State {
        unsafe Unmanaged<State>.fromOpaque(user!).takeUnretainedValue()
    }

    private static func bytes(_ text: UnsafePointer<CChar>) -> [UInt8] {
        unsafe Array(String(cString: text).utf8)
    }
}

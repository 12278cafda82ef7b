import FoundationEssentials

extension Snapshot {
    /// The snapshot as one line of JSON, without the line's end. Equal snapshots are equal bytes.
    ///
    /// - Throws: never for a snapshot made from a frame; `EncodingError` for a rate that is not finite.
    public func json() throws -> [UInt8] { try Self.json(Head(self), links) }

    /// Encodes the links one by one: all at once, the encoder's own tree of them takes many times the bytes.
    static func json(_ head: Head, _ links: some Collection<Link>) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var bytes = [UInt8](try encoder.encode(head).dropLast())
        bytes.reserveCapacity(bytes.count + links.count * 1500)  // about what a veth takes
        bytes += #","links":["#.utf8
        for (number, link) in links.enumerated() {
            if number > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes += try encoder.encode(link)
        }
        bytes += "]}".utf8
        return bytes
    }

    /// Reads a snapshot. What it does not know is passed over.
    ///
    /// - Throws: `SnapshotError`, which says where the first fault is.
    public init(json: [UInt8]) throws(SnapshotError) {
        do {
            self = try JSONDecoder().decode(Snapshot.self, from: Data(json))
        } catch let error as SnapshotError {
            throw error
        } catch let error as DecodingError {
            throw SnapshotError(error)
        } catch {
            throw .malformed(place: "", fault: "\(error)")
        }
    }
}

/// Why bytes are not a snapshot.
public enum SnapshotError: Error, Equatable, CustomStringConvertible {
    /// JSON, but of something else.
    case notASnapshot
    /// Made by a later vexport, or by none.
    case unknownVersion(Int)
    /// Not JSON, or not what docs/snapshot.md says. The place is a path such as `links[3].mtu`.
    case malformed(place: String, fault: String)

    init(_ error: DecodingError) {
        let (context, key): (DecodingError.Context, (any CodingKey)?) =
            switch error {
            case .keyNotFound(let key, let context): (context, key)
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
                (context, nil)
            @unknown default: (.init(codingPath: [], debugDescription: "\(error)"), nil)
            }
        let path = context.codingPath + (key.map { [$0] } ?? [])
        let place = path.reduce(into: "") { place, key in
            if let index = key.intValue {
                place += "[\(index)]"
            } else {
                place += (place.isEmpty ? "" : ".") + EscapedText(key.stringValue.utf8).description
            }
        }
        // Of a syntax error, or a number out of range, only the parser's own error says more.
        let cause = context.underlyingError.map { " \($0)" } ?? ""
        let fault = key == nil ? context.debugDescription + cause : "missing"
        self = .malformed(place: place, fault: EscapedText(fault.utf8.prefix(300)).description)
    }

    public var description: String {
        switch self {
        case .notASnapshot: "not a snapshot of vexport: its 'format' does not say so"
        case .unknownVersion(let version):
            "snapshot of version \(version): this vexport reads up to \(Snapshot.version), use a newer one"
        case .malformed(let place, let fault):
            "not a snapshot of vexport: \(place.isEmpty ? "" : "\(place): ")\(fault)"
        }
    }
}

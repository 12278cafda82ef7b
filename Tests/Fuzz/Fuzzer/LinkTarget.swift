import TestSupport
import VexportCore

@testable import LinkCollector
@testable import Netlink

/// Payloads of RTM_NEWLINK and RTM_DELLINK, one after the other, each behind its type and length: two bytes each.
enum LinkTarget: FuzzTarget {
    static func seeds() throws -> [[UInt8]] {
        let messages = try recordedMessages().filter { $0[4] == 16 || $0[4] == 17 }
        let records = messages.map { message in
            Wire.bytes(UInt16(message[4])) + Wire.bytes(UInt16(message.count - 16)) + message.dropFirst(16)
        }
        // Each on its own, and in their order as one life of many links.
        return records + [Array(records.prefix(20).joined())]
    }

    static func run(_ input: [UInt8]) {
        var changes: [LinkChange] = []
        var rest = input[...]
        while rest.count >= 4 {
            let type: UInt16 = rest[rest.startIndex] & 1 == 0 ? 16 : 17
            let length = Int(rest[rest.startIndex + 2]) | Int(rest[rest.startIndex + 3]) << 8
            let payload = Array(rest.dropFirst(4).prefix(length))
            rest = rest.dropFirst(4 + length)
            guard let message = try? LinkMessage(decoding: payload.span.bytes, type: type) else { continue }
            Page.check(message, ofBytes: payload.count)
            if let change = LinkChange(.link(message, requester: 0), from: nil) { changes.append(change) }
            changes.append(.asked(index: message.index, LinkState(message)))
        }
        if isChosen(input) { Page.check(changes) }
    }
}

// A plugin for vexport in Swift that runs all the time: how long links lived that were created and deleted. Where guests or
// containers come and go, many short lives tell that something is started again and again.
//
//   swiftc -O -static-stdlib -o lifetimes lifetimes.swift
//   plugins:
//     - {name: lifetimes, command: [/usr/lib/vexport/plugins/lifetimes], hooks: [observe, collect], mode: stream}
import FoundationEssentials
import Glibc

/// A line of vexport's.
struct Line: Decodable {
    let type: String
    /// Of a request.
    let id: UInt64?
    let events: [Event]?
    /// Whether events before these are lost.
    let missed: Bool?
}

/// Something that happened to a link.
struct Event: Decodable {
    let type: String
    let ifindex: Int
    /// nil for vexport's own namespace.
    let netns: String?
    let timestampSeconds: Double
}

/// A line of the plugin's.
struct Answer: Encodable {
    let type: String
    var `protocol`: Int?
    var hooks: [String]?
    var id: UInt64?
    var text: String?
}

/// A histogram of links' ages at their ends.
struct Lifetimes {
    private struct Place: Hashable {
        let netns: String?
        let ifindex: Int
    }

    private static let bounds = [1.0, 10, 60, 600, 3_600, 86_400]

    private var births: [Place: Double] = [:]
    /// Of lives up to each bound.
    private var counts = bounds.map { _ in 0 }
    private var count = 0
    private var sum = 0.0

    mutating func take(_ line: Line) {
        // The ends of links may be among what is lost: their births would be kept forever.
        if line.missed == true { births = [:] }
        for event in line.events ?? [] {
            let place = Place(netns: event.netns, ifindex: event.ifindex)
            switch event.type {
            case "created": births[place] = event.timestampSeconds
            case "moved_away": births[place] = nil
            case "deleted":
                if let birth = births.removeValue(forKey: place) { add(max(0, event.timestampSeconds - birth)) }
            default: break
            }
        }
    }

    private mutating func add(_ seconds: Double) {
        for (place, bound) in Self.bounds.enumerated() where seconds <= bound { counts[place] += 1 }
        count += 1
        sum += seconds
    }

    var text: String {
        let buckets = zip(Self.bounds, counts).map { "link_lifetime_seconds_bucket{le=\"\($0)\"} \($1)\n" }
        return """
            # HELP link_lifetime_seconds Seconds from a link's creation to its deletion.
            # TYPE link_lifetime_seconds histogram
            \(buckets.joined())link_lifetime_seconds_bucket{le="+Inf"} \(count)
            link_lifetime_seconds_sum \(sum)
            link_lifetime_seconds_count \(count)

            """
    }
}

let decoder = JSONDecoder()
decoder.keyDecodingStrategy = .convertFromSnakeCase
var lifetimes = Lifetimes()
while let text = readLine() {
    let line = try decoder.decode(Line.self, from: Data(text.utf8))
    let answer: Answer
    switch line.type {
    case "hello": answer = Answer(type: "hello", protocol: 1, hooks: ["observe", "collect"])
    case "collect": answer = Answer(type: "result", id: line.id, text: lifetimes.text)
    default:
        lifetimes.take(line)
        continue
    }
    print(String(decoding: try JSONEncoder().encode(answer), as: UTF8.self))
    fflush(nil)
}

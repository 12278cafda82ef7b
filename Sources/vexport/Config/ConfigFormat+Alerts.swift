import VexportCore

/// A value with its place in the file, for what can be judged only when all has been read.
struct Placed<Value: Equatable & Sendable>: Equatable, Sendable {
    var value: Value
    var place: YAMLPlace
}

extension ConfigFormat {
    /// A value that keeps its place.
    static func placed<Inner>(_ inner: ConfigFormat<Inner>) -> ConfigFormat where Value == Placed<Inner> {
        ConfigFormat(takes: inner.takes, nested: inner.nested, show: { inner.show($0.value) }) { node, problems in
            inner.read(node, &problems).map { Placed(value: $0, place: node.place) }
        }
    }

    /// A value that need not be there.
    static func optional<Inner>(_ inner: ConfigFormat<Inner>) -> ConfigFormat where Value == Inner? {
        ConfigFormat(takes: inner.takes, nested: inner.nested, show: { $0.map(inner.show) ?? "" }) { node, problems in
            inner.read(node, &problems).map { .some($0) }
        }
    }

    /// Keys of the user's own, each with a value.
    static func map<Inner>(_ takes: String, of inner: ConfigFormat<Inner>) -> ConfigFormat
    where Value == [String: Inner] {
        ConfigFormat(takes: "\(takes), each with \(inner.takes)", nested: [], show: { _ in "{}" }) { node, problems in
            guard case .mapping(let pairs) = node.content else {
                problems.append(ConfigProblem(node.place, "expected \(takes), got \(node.shown)"))
                return nil
            }
            var result: [String: Inner] = [:]
            for (key, place, value) in pairs {
                guard (1...128).contains(key.utf8.count), key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
                    problems.append(ConfigProblem(place, "expected a name of 1 to 128 bytes, got \(shown(key))"))
                    continue
                }
                if let value = inner.read(value, &problems) { result[key] = value }
            }
            return result
        }
    }
}

extension ConfigFormat where Value == Bool {
    static var flag: ConfigFormat {
        ConfigFormat(scalar: "true or false", show: { "\($0)" }) { ["true": true, "false": false][$0] }
    }
}

extension ConfigFormat where Value == Double {
    static var number: ConfigFormat {
        ConfigFormat(scalar: "a number", show: { "\($0)" }) { Double($0).flatMap { $0.isFinite ? $0 : nil } }
    }
}

extension ConfigFormat where Value == String {
    /// One line of at most 1,024 bytes.
    static func line(_ takes: String, where isGood: @escaping @Sendable (String) -> Bool = { _ in true })
        -> ConfigFormat
    {
        ConfigFormat(scalar: takes, show: { $0 }) { text in
            (1...1_024).contains(text.utf8.count) && text.utf8.allSatisfy { $0 >= 0x20 } && isGood(text) ? text : nil
        }
    }

    static var labelName: ConfigFormat {
        line("a label's name") { text in
            text.utf8.allSatisfy { byte in
                Character(Unicode.Scalar(byte)).isLetter || Character(Unicode.Scalar(byte)).isNumber
                    || byte == UInt8(ascii: "_")
            } && !text.first!.isNumber
        }
    }

    static var url: ConfigFormat {
        line("an http:// or https:// URL") { $0.hasPrefix("http://") || $0.hasPrefix("https://") }
    }
}

extension ConfigFormat where Value == AlertTemplate {
    /// Text with `{{name}}` in it, of at most 64 KiB.
    static var template: ConfigFormat {
        ConfigFormat(takes: "text, with {{name}} for values", nested: [], show: { $0.description }) { node, problems in
            guard case .scalar(let text, _) = node.content, text.utf8.count <= 64 << 10 else {
                problems.append(ConfigProblem(node.place, "expected text of at most 64 KiB, got \(node.shown)"))
                return nil
            }
            do throws(AlertTemplate.Fault) { return try AlertTemplate(text) } catch {
                problems.append(ConfigProblem(node.place, error.description))
                return nil
            }
        }
    }
}

extension ConfigFormat where Value == LabelMatcher {
    static var matcher: ConfigFormat {
        ConfigFormat(scalar: #"a matcher, such as severity="page" or device=~"tap.*""#, show: { $0.description }) {
            LabelMatcher($0)
        }
    }
}

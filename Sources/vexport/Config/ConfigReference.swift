/// The configuration as documents show it: made from the keys themselves.
enum ConfigReference {
    /// A table of all keys.
    static func markdown() -> String {
        "| Key | Takes | Default | Meaning |\n|---|---|---|---|\n"
            + Config.rows.map { row in
                let key = row.path.reduce("") { $1 == "[]" || $0.isEmpty ? $0 + $1 : "\($0).\($1)" }
                return
                    "| `\(key)` | \(row.takes) | \(row.standard.isEmpty ? "" : "`\(row.standard)`") | \(row.help) |\n"
            }.joined()
    }

    /// A file that changes nothing: every key with its default, commented out, below its meaning.
    static func example() -> String {
        var lines = [
            "# The configuration of vexport. Every key has a default, so this file may stay as it is.",
            "# To set a key, take the first \"# \" off its line and off the line of its section.",
        ]
        for row in Config.rows where !row.path.contains("[]") {
            let indent = String(repeating: "  ", count: row.path.count - 1)
            if row.path.count == 1 { lines.append("") }
            lines.append("# \(indent)# \(row.help) Takes \(row.takes).")
            let value = row.standard.isEmpty ? "" : " \(row.standard)"
            lines.append("# \(indent)\(row.path.last!):\(value)")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

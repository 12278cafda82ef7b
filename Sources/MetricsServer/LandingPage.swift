import VexportCore

/// What a browser gets at `/`: what this is, where the metrics are, and, for those who may read the API, the busiest links
/// of the last second.
enum LandingPage {
    /// - Parameter links: what is said of links, in HTML.
    static func html(_ links: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head><meta charset="utf-8"><title>vexport</title>
        <style>body{font:16px sans-serif;margin:2em}td,th{padding:.2em 1em;text-align:right}td:first-child{text-align:left}</style>
        </head>
        <body>
        <h1>vexport</h1>
        <p>Metrics of this host's virtual network links for Prometheus.</p>
        <p><a href="/metrics">Metrics</a> · <a href="/-/healthy">healthy</a> · <a href="/-/ready">ready</a></p>
        \(links)
        </body>
        </html>

        """
    }

    /// The table of the busiest links between two ticks.
    static func busiest(_ earlier: TickFrame, _ later: TickFrame) -> String {
        struct Row {
            let name: String
            let namespace: String
            let kind: String
            let receive: Double
            let transmit: Double
        }
        var rows: [Row] = []
        for slot in 0..<later.links.slotCount {
            guard let record = later.links[slot],
                let receive = later.rate(.receiveBytes, slot: slot, since: earlier),
                let transmit = later.rate(.transmitBytes, slot: slot, since: earlier)
            else { continue }
            let state = record.link.state
            rows.append(
                Row(
                    name: state.name.description, namespace: record.namespace?.description ?? "", kind: state.kind.name,
                    receive: receive, transmit: transmit))
        }
        let busiest = rows.sorted {
            ($0.receive + $0.transmit, $1.name, $1.namespace) > ($1.receive + $1.transmit, $0.name, $0.namespace)
        }.prefix(10)
        let lines = busiest.map {
            "<tr><td>\(escaped($0.name))</td><td>\(escaped($0.namespace))</td><td>\(escaped($0.kind))</td>"
                + "<td>\(whole($0.receive))</td><td>\(whole($0.transmit))</td></tr>"
        }
        return """
            <p>\(rows.count) links. The busiest in the last second:</p>
            <table><tr><th>link</th><th>netns</th><th>kind</th><th>received, bytes/s</th><th>sent, bytes/s</th></tr>
            \(lines.joined(separator: "\n"))
            </table>
            """
    }

    private static func whole(_ rate: Double) -> String { Int64(exactly: rate.rounded()).map(String.init) ?? "?" }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

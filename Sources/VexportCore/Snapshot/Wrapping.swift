extension TableStyle {
    /// A list with commas, in lines of `width` at most. An item is broken only where it does not fit a line of its own.
    func wrapped(_ items: [(text: String, paint: Paint?)], width: Int) -> [String] {
        var lines: [String] = []
        var room = 0
        for (number, item) in items.enumerated() {
            let text = number + 1 < items.count ? item.text + "," : item.text
            for piece in text.displayWidth <= width ? [text] : Self.broken(text, to: width) {
                let length = piece.displayWidth
                if length < room {
                    lines[lines.count - 1] += " " + painted(piece, item.paint)
                    room -= length + 1
                } else {
                    lines.append(painted(piece, item.paint))
                    room = width - length
                }
            }
        }
        return lines
    }

    /// The words of a text, and those longer than a line in pieces.
    private static func broken(_ text: String, to width: Int) -> [String] {
        text.split(separator: " ").flatMap { word in
            var pieces = [""]
            var room = width
            for scalar in word.unicodeScalars {
                if scalar.displayWidth > room {
                    pieces.append("")
                    room = width
                }
                pieces[pieces.count - 1].unicodeScalars.append(scalar)
                room -= scalar.displayWidth
            }
            return pieces
        }
    }
}

/// The known word that somebody may have meant.
enum Suggestion {
    /// - Returns: ` (did you mean 'interval'?)`, or nothing when no word is near.
    static func text(for word: String, among words: [String]) -> String {
        let nearest = words.map { (distance: distance(Array(word.utf8), Array($0.utf8)), word: $0) }.min {
            $0.distance < $1.distance
        }
        guard let nearest, nearest.distance <= max(2, word.utf8.count / 3) else { return "" }
        return " (did you mean '\(nearest.word)'?)"
    }

    /// How many letters must be put in, taken out, changed or swapped with a neighbour to get from one word to the other.
    static func distance(_ from: [UInt8], _ to: [UInt8]) -> Int {
        guard from.count <= 64, to.count <= 64 else { return .max }
        var before: [Int] = []
        var last = Array(0...to.count)
        for (row, letter) in from.enumerated() {
            var next = [row + 1]
            for (column, other) in to.enumerated() {
                var best = min(last[column] + (letter == other ? 0 : 1), last[column + 1] + 1, next[column] + 1)
                if row > 0, column > 0, letter == to[column - 1], from[row - 1] == other {
                    best = min(best, before[column - 1] + 1)
                }
                next.append(best)
            }
            before = last
            last = next
        }
        return last[to.count]
    }
}

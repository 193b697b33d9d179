/// The known name that was probably meant.
package enum NearestName {
    /// The name with the smallest edit distance; nil if there are no names.
    package static func of(_ text: String, among names: [String]) -> String? {
        names.map { (name: $0, distance: distance(text, $0)) }.min { $0.distance < $1.distance }?.name
    }

    /// Whether a name differs like a typo: by a letter, by two that changed places, or by two in a long name.
    package static func isSlip(_ text: String, of name: String) -> Bool {
        let distance = distance(text, name)
        return distance <= 1 || distance == 2 && (name.count >= 10 || text.sorted() == name.sorted())
    }

    /// Levenshtein's distance: the fewest insertions, deletions and replacements of a letter.
    package static func distance(_ left: String, _ right: String) -> Int {
        let right = Array(right)
        var row = Array(0...right.count)
        for (index, letter) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in right.indices {
                let replaced = diagonal + (letter == right[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, row[column] + 1, diagonal + 1)
            }
        }
        return row[right.count]
    }
}

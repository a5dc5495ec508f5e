/// Finds what a mistyped name may have meant.
package enum NearestName {
    /// The candidate with the fewest edits from `name`, if those are few for its length.
    ///
    /// The work grows with the square of the name's length: where a client chooses the name, leave `maximumLength`, in
    /// bytes, as it is.
    package static func find(_ name: String, among candidates: [String], maximumLength: Int = 48) -> String? {
        let wanted = Array(name.utf8)
        guard !wanted.isEmpty, wanted.count <= maximumLength else { return nil }
        var best: (name: String, distance: Int)?
        let limit = max(1, min(3, wanted.count / 3))
        for candidate in candidates {
            let letters = Array(candidate.utf8)
            guard abs(letters.count - wanted.count) <= limit else { continue }
            let distance = distance(wanted, letters)
            if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.name
    }

    /// `; did you mean "…"?` for the end of a message about an unknown name, empty where nothing is near.
    package static func hint(_ name: String, among candidates: [String]) -> String {
        find(name, among: candidates, maximumLength: 256).map { "; did you mean \"\($0)\"?" } ?? ""
    }

    /// The same for dotted names, where one with the same last part serves if nothing else is near.
    package static func dottedHint(_ name: String, among candidates: [String]) -> String {
        let hint = hint(name, among: candidates)
        guard hint.isEmpty, let last = name.split(whereSeparator: { $0 == "." || $0 == "/" }).last else { return hint }
        let namesake = candidates.first { $0.hasSuffix(".\(last)") }
        return namesake.map { "; did you mean \"\($0)\"?" } ?? ""
    }

    /// Insertions, deletions, replacements and swaps of neighbours that lead from one word to the other, caseless.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        func folded(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }
        var beforePrevious: [Int] = []
        var previous = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1]
            for column in right.indices {
                let isSame = folded(left[row]) == folded(right[column])
                // Case alone is no edit: names that differ in it only are the nearest there are.
                var cost = min(previous[column + 1], current[column]) + 1
                cost = min(cost, previous[column] + (isSame ? 0 : 1))
                if row > 0, column > 0, folded(left[row]) == folded(right[column - 1]),
                    folded(left[row - 1]) == folded(right[column])
                {
                    cost = min(cost, beforePrevious[column - 1] + 1)
                }
                current.append(cost)
            }
            beforePrevious = previous
            previous = current
        }
        return previous[right.count]
    }
}

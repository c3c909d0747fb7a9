/// The candidates most like a name that was not found, best first, for error messages.
///
/// Ranked by edit distance without regard to case; what differs in more than half of its letters
/// is left out. Costs the product of the lengths for each candidate.
package func closest(
    to name: String, in candidates: some Sequence<String>, limit: Int = 3
) -> [String] {
    let wanted = Array(name.lowercased().utf8.prefix(100))
    var ranked: [(distance: Int, candidate: String)] = []
    for candidate in candidates {
        let letters = Array(candidate.lowercased().utf8.prefix(100))
        let distance = editDistance(wanted, letters)
        let worst = max(wanted.count, letters.count)
        // A name of which only one end was typed is a good guess too.
        let contains =
            wanted.count >= 3 && letters.count >= 3
            && (candidate.lowercased().contains(name.lowercased())
                || name.lowercased().contains(candidate.lowercased()))
        if distance * 2 <= worst || contains { ranked.append((distance, candidate)) }
    }
    ranked.sort { ($0.distance, $0.candidate) < ($1.distance, $1.candidate) }
    return ranked.prefix(limit).map(\.candidate)
}

/// How many bytes must be inserted, removed or replaced to make one text of the other; swapped
/// neighbours count once.
package func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for row in 0..<left.count {
        var current = [row + 1]
        for column in 0..<right.count {
            let replaced = last[column] + (left[row] == right[column] ? 0 : 1)
            var best = min(replaced, last[column + 1] + 1, current[column] + 1)
            if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                best = min(best, beforeLast[column - 1] + 1)
            }
            current.append(best)
        }
        beforeLast = last
        last = current
    }
    return last[right.count]
}

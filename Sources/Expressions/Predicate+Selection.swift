package import Base

extension Predicate {
    /// The rows of a vector that meet the condition.
    ///
    /// On codes the condition is evaluated once per dictionary entry.
    package func selection(of vector: Vector) -> Bitmap {
        if case .codes(let codes, let dictionary) = vector.values {
            return Self.select(codes, codeMatches(dictionary))
        }
        switch self {
        case .isNull:
            return (vector.validity ?? Bitmap(repeating: true, count: vector.count)).complemented
        case .not(let inner):
            return inner.selection(of: vector).complemented
        case .any(let parts):
            var rows = Bitmap(count: vector.count)
            for part in parts { rows.formUnion(part.selection(of: vector)) }
            return rows
        case .oneOf, .prefix, .contains, .range:
            var rows = valueSelection(vector)
            if let validity = vector.validity { rows.formIntersection(validity) }
            return rows
        }
    }

    /// The rows whose value, null or not, meets the condition; of vectors without codes.
    private func valueSelection(_ vector: Vector) -> Bitmap {
        switch (vector.values, self) {
        case (.strings(let table), _):
            let matches = codeMatches(table)
            return Self.rows(table.count) { matches[$0 + 1] }
        case (.integers(let numbers), .range(let range)):
            let (lower, upper) = (range.lowerBound, range.upperBound)
            return Self.rows(numbers.count) { lower <= numbers[$0] && numbers[$0] <= upper }
        case (.integers(let numbers), .oneOf(let literals)):
            let wanted = literals.compactMap { vector.type == .timestamp ? $0.instant : $0.integer }
            return Self.rows(numbers.count) { wanted.contains(numbers[$0]) }
        case (.floats(let numbers), .oneOf(let literals)):
            let wanted = literals.compactMap(\.float)
            return Self.rows(numbers.count) { wanted.contains(numbers[$0]) }
        case (.booleans(let bits), .oneOf(let literals)):
            let wanted = literals.compactMap(\.boolean)
            return Self.rows(bits.count) { wanted.contains(bits[$0]) }
        case (_, .prefix), (_, .contains):
            return valueSelection(vector.castToText())
        default:
            return Bitmap(count: vector.count)
        }
    }

    /// The rows whose code is marked in `matches`.
    package static func select(_ codes: [UInt32], _ matches: [Bool]) -> Bitmap {
        rows(codes.count) { matches[Int(codes[$0])] }
    }

    @inline(__always)
    private static func rows(_ count: Int, _ meets: (Int) -> Bool) -> Bitmap {
        var words = [UInt64](repeating: 0, count: (count + 63) / 64)
        for row in 0..<count where meets(row) {
            words[row &>> 6] |= 1 &<< UInt64(row & 63)
        }
        return Bitmap(words: words, count: count)
    }
}

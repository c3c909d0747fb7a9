import Aggregates
import Base
import Expressions
import Query

/// Aggregates over plain values, as plainly as can be.
enum NaiveAggregates {
    /// The value over rows of arguments that the filter has left.
    static func value(_ call: AggregateCall, _ rows: [[Value]]) -> Value {
        var rows = rows.filter { !$0.contains(.null) }
        if case .countRows = call.function { return .integer(Int64(rows.count)) }
        if call.isDistinct {
            var seen: Set<[Value]> = []
            rows = rows.filter { seen.insert($0).inserted }
        }
        switch call.function {
        case .countRows, .count: return .integer(Int64(rows.count))
        case .countDistinct: return .integer(Int64(Set(rows).count))
        case .uniq: return uniq(rows)
        case .sum, .avg: return sum(call, rows.map { $0[0] })
        case .min, .any: return rows.map { $0[0] }.min(by: precedes) ?? .null
        case .max: return rows.map { $0[0] }.max(by: precedes) ?? .null
        case .argMin:
            return rows.min { left, right in
                left[1] == right[1] ? precedes(left[0], right[0]) : precedes(left[1], right[1])
            }?[0] ?? .null
        case .argMax:
            return rows.max { left, right in
                left[1] == right[1] ? precedes(right[0], left[0]) : precedes(left[1], right[1])
            }?[0] ?? .null
        case .boolOr: return rows.isEmpty ? .null : .boolean(rows.contains([.boolean(true)]))
        case .boolAnd: return rows.isEmpty ? .null : .boolean(!rows.contains([.boolean(false)]))
        case .variance(let isSample): return variance(rows, isSample, isRoot: false)
        case .standardDeviation(let isSample): return variance(rows, isSample, isRoot: true)
        case .quantiles(let places, let isContinuous, let isList):
            let numbers = rows.map { number($0[0]) }.sorted()
            if numbers.isEmpty { return .null }
            let found = places.map { quantile(numbers, $0, isContinuous) }
            if !isList { return .float(found[0]) }
            return .string("[" + found.map(Literal.text).joined(separator: ",") + "]")
        case .topK(let count): return top(rows.map { $0[0] }, count)
        case .joined(let separator):
            if rows.isEmpty { return .null }
            return .string(
                rows.map { $0[0] }.sorted(by: precedes).map(text).joined(separator: separator))
        case .uniqMerge, .uniqUnion: return .null
        }
    }

    static func number(_ value: Value) -> Double {
        switch value {
        case .integer(let number): Double(number)
        case .float(let number): number
        default: .nan
        }
    }

    static func text(_ value: Value) -> String {
        switch value {
        case .string(let text): text
        case .integer(let number): String(number)
        case .float(let number): Literal.text(number)
        default: ""
        }
    }

    static func precedes(_ left: Value, _ right: Value) -> Bool {
        switch (left, right) {
        case (.string(let left), .string(let right)):
            Array(left.utf8).lexicographicallyPrecedes(Array(right.utf8))
        case (.timestamp(let left), .timestamp(let right)), (.date(let left), .date(let right)):
            left < right
        case (.integer(let left), .integer(let right)): left < right
        case (.boolean(let left), .boolean(let right)): !left && right
        default: number(left) < number(right)
        }
    }

    private static func uniq(_ rows: [[Value]]) -> Value {
        var state = HyperLogLog()
        for row in rows {
            guard case .string(let text) = row[0] else { continue }
            let hash = hash64(text)
            state.insert(hash: hash == 0 ? 1 : hash)
        }
        return .integer(Int64(state.estimate().value))
    }

    private static func sum(_ call: AggregateCall, _ values: [Value]) -> Value {
        if values.isEmpty { return .null }
        if case .integer = values[0], call.function == .sum {
            return .integer(
                values.reduce(0) { sum, value in
                    if case .integer(let number) = value { sum + number } else { sum }
                })
        }
        let sum = values.reduce(0) { $0 + number($1) }
        return .float(call.function == .avg ? sum / Double(values.count) : sum)
    }

    private static func variance(_ rows: [[Value]], _ isSample: Bool, isRoot: Bool) -> Value {
        let numbers = rows.map { number($0[0]) }
        if numbers.count < (isSample ? 2 : 1) { return .null }
        let mean = numbers.reduce(0, +) / Double(numbers.count)
        let squares = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let variance = squares / Double(isSample ? numbers.count - 1 : numbers.count)
        return .float(isRoot ? variance.squareRoot() : variance)
    }

    private static func quantile(
        _ numbers: [Double], _ place: Double, _ isContinuous: Bool
    ) -> Double {
        if !isContinuous {
            let total = Double(numbers.count)
            let rank = numbers.count - Int((total - place * total).rounded(.down))
            return numbers[max(1, rank) - 1]
        }
        let index = place * Double(numbers.count - 1)
        let lower = numbers[Int(index)]
        guard Int(index) + 1 < numbers.count else { return lower }
        return lower + (numbers[Int(index) + 1] - lower) * (index - index.rounded(.down))
    }

    private static func top(_ values: [Value], _ count: Int) -> Value {
        if values.isEmpty { return .null }
        let groups = Dictionary(grouping: values) { $0 }
        let order = groups.keys.sorted { left, right in
            let (mine, theirs) = (groups[left]?.count ?? 0, groups[right]?.count ?? 0)
            return mine == theirs ? precedes(left, right) : mine > theirs
        }
        let texts = order.prefix(count).map { value in
            if case .string(let text) = value { "\"\(text)\"" } else { text(value) }
        }
        return .string("[" + texts.joined(separator: ",") + "]")
    }
}

import Aggregates
import Base
import Expressions
import NaiveSQL
import Query

/// Plans row by row, in the plainest words: the oracle of optimiser and executor.
///
/// It shares with what it checks the plan and the values, but no operator and no kernel.
struct NaivePlan {
    /// The values of the columns of a scan, row by row.
    let table: (TableScan) -> [[Value]]
    private let evaluator = NaiveEvaluator(zones: TimeZoneDatabase.lookup)

    init(table: @escaping (TableScan) -> [[Value]]) { self.table = table }

    func rows(_ plan: LogicalPlan) throws(EvaluationError) -> [[Value]] {
        switch plan {
        case .scan(let scan): return table(scan)
        case .oneRow: return [[]]
        case .filter(let condition, let input):
            var kept: [[Value]] = []
            for row in try rows(input)
            where try evaluator.value(condition, row) == .boolean(true) { kept.append(row) }
            return kept
        case .project(let expressions, let input):
            var made: [[Value]] = []
            for row in try rows(input) { made.append(try values(expressions, row)) }
            return made
        case .aggregate(let keys, let calls, let input):
            return try aggregate(keys, calls, try rows(input))
        case .window(let calls, let input):
            var result = try rows(input)
            let inputs = result
            for call in calls {
                for (index, value) in try NaivePlanWindow(evaluator, call).values(inputs)
                    .enumerated()
                {
                    result[index].append(value)
                }
            }
            return result
        case .sort(let keys, let limit, let input):
            let sorted = try Self.sorted(try rows(input), keys, evaluator)
            return limit.map { Array(sorted.prefix($0)) } ?? sorted
        case .limit(let count, let offset, let input):
            let rest = try rows(input).dropFirst(offset)
            return Array(count.map { rest.prefix($0) } ?? rest)
        case .distinct(let input):
            var seen: Set<[Value]> = []
            return try rows(input).filter { seen.insert($0.map(Self.key)).inserted }
        case .union(let inputs):
            var all: [[Value]] = []
            for input in inputs { all += try rows(input) }
            return all
        }
    }

    private func values(
        _ expressions: [Expression], _ row: [Value]
    ) throws(EvaluationError) -> [Value] {
        var values: [Value] = []
        for expression in expressions { values.append(try evaluator.value(expression, row)) }
        return values
    }

    private func aggregate(
        _ keys: [Expression], _ calls: [AggregateCall], _ rows: [[Value]]
    ) throws(EvaluationError) -> [[Value]] {
        var order: [[Value]] = keys.isEmpty ? [[]] : []
        var groups: [[Value]: [[Value]]] = keys.isEmpty ? [[]: []] : [:]
        for row in rows {
            let found = try values(keys, row).map(Self.key)
            if groups[found] == nil { order.append(found) }
            groups[found, default: []].append(row)
        }
        var result: [[Value]] = []
        for key in order {
            var row = key
            for call in calls {
                var arguments: [[Value]] = []
                for member in groups[key] ?? [] {
                    if let filter = call.filter,
                        try evaluator.value(filter, member) != .boolean(true)
                    {
                        continue
                    }
                    arguments.append(try values(call.arguments, member))
                }
                row.append(NaiveAggregates.value(call, arguments))
            }
            result.append(row)
        }
        return result
    }

    /// Values that are the same to GROUP BY and DISTINCT become equal.
    private static func key(_ value: Value) -> Value {
        guard case .float(let number) = value else { return value }
        // There is no equal of NaN, and a zero has a sign.
        return number.isNaN ? .string("NaN") : .float(number == 0 ? 0 : number)
    }

    // MARK: Order

    static func sorted(
        _ rows: [[Value]], _ keys: [SortKey], _ evaluator: NaiveEvaluator
    ) throws(EvaluationError) -> [[Value]] {
        try order(rows, keys, evaluator).map { rows[$0] }
    }

    /// The numbers of the rows in their order; those that are equal in it stay as they are.
    static func order(
        _ rows: [[Value]], _ keys: [SortKey], _ evaluator: NaiveEvaluator
    ) throws(EvaluationError) -> [Int] {
        var values: [[Value]] = []
        for row in rows {
            var found: [Value] = []
            for key in keys { found.append(try evaluator.value(key.expression, row)) }
            values.append(found)
        }
        return rows.indices.sorted { left, right in
            let order = compare(values[left], values[right], keys, evaluator)
            return order == 0 ? left < right : order < 0
        }
    }

    static func compare(
        _ left: [Value], _ right: [Value], _ keys: [SortKey], _ evaluator: NaiveEvaluator
    ) -> Int {
        for (index, key) in keys.enumerated() {
            let (first, second) = (left[index], right[index])
            if first == .null, second == .null { continue }
            if first == .null { return key.nullsFirst ? -1 : 1 }
            if second == .null { return key.nullsFirst ? 1 : -1 }
            let order = evaluator.order(first, second)
            if order != 0 { return key.isDescending ? -order : order }
        }
        return 0
    }
}

/// A window function, row by row.
private struct NaivePlanWindow {
    private let evaluator: NaiveEvaluator
    private let call: WindowCall

    init(_ evaluator: NaiveEvaluator, _ call: WindowCall) {
        self.evaluator = evaluator
        self.call = call
    }

    /// The value of each row.
    func values(_ rows: [[Value]]) throws(EvaluationError) -> [Value] {
        var partitions: [[Value]: [Int]] = [:]
        for (index, row) in rows.enumerated() {
            var key: [Value] = []
            for expression in call.partition { key.append(try evaluator.value(expression, row)) }
            partitions[key, default: []].append(index)
        }
        var result = [Value](repeating: .null, count: rows.count)
        for members in partitions.values {
            let inputs = members.map { rows[$0] }
            let order = try NaivePlan.order(inputs, call.order, evaluator)
            let sorted = order.map { inputs[$0] }
            for (place, value) in try partition(sorted).enumerated() {
                result[members[order[place]]] = value
            }
        }
        return result
    }

    /// The values of the rows of a partition, in their order.
    private func partition(_ rows: [[Value]]) throws(EvaluationError) -> [Value] {
        var keys: [[Value]] = []
        var arguments: [[Value]] = []
        for row in rows {
            var found: [Value] = []
            for key in call.order { found.append(try evaluator.value(key.expression, row)) }
            keys.append(found)
            var values: [Value] = []
            for argument in call.arguments { values.append(try evaluator.value(argument, row)) }
            arguments.append(values)
        }
        let count = rows.count
        return rows.indices.map { row in
            let peers = rows.indices.filter {
                NaivePlan.compare(keys[$0], keys[row], call.order, evaluator) == 0
            }
            let first = peers.first ?? row
            let last = peers.last ?? row
            let frame = frame(row, first: first, last: last, count)
            switch call.function {
            case .rowNumber: return .integer(Int64(row + 1))
            case .rank: return .integer(Int64(first + 1))
            case .denseRank:
                let starts = (0...first).filter {
                    $0 == 0
                        || NaivePlan.compare(keys[$0], keys[$0 - 1], call.order, evaluator) != 0
                }
                return .integer(Int64(starts.count))
            case .percentRank: return .float(count == 1 ? 0 : Double(first) / Double(count - 1))
            case .cumulativeDistribution: return .float(Double(last + 1) / Double(count))
            case .ntile(let tiles):
                // The first of the tiles have one row more.
                let (size, larger) = (count / tiles, count % tiles)
                let border = larger * (size + 1)
                let tile = row < border ? row / (size + 1) : larger + (row - border) / size
                return .integer(Int64(tile + 1))
            case .lag(let distance):
                let place = row - distance
                if rows.indices.contains(place) { return arguments[place][0] }
                return arguments[row].count > 1 ? arguments[row][1] : .null
            case .firstValue: return frame.first.map { arguments[$0][0] } ?? .null
            case .lastValue: return frame.last.map { arguments[$0][0] } ?? .null
            case .aggregate(let function):
                let aggregate = AggregateCall(function, call.arguments, type: call.type)
                return NaiveAggregates.value(aggregate, frame.map { arguments[$0] })
            }
        }
    }

    private func frame(_ row: Int, first: Int, last: Int, _ count: Int) -> Range<Int> {
        let (start, end): (Int, Int)
        switch call.frame.start {
        case .unboundedPreceding: start = 0
        case .preceding(let distance): start = row - distance
        case .currentRow: start = call.frame.isRows ? row : first
        case .following(let distance): start = row + distance
        case .unboundedFollowing: start = count
        }
        switch call.frame.end {
        case .unboundedPreceding: end = 0
        case .preceding(let distance): end = row - distance + 1
        case .currentRow: end = (call.frame.isRows ? row : last) + 1
        case .following(let distance): end = row + distance + 1
        case .unboundedFollowing: end = count
        }
        let lower = min(max(0, start), count)
        return lower..<max(lower, min(end, count))
    }
}

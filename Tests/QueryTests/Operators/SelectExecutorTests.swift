import Base
import Expressions
import Query
import Store
import TestSupport
import Testing

/// The executor gives the rows of a naive twin, whatever the parts, granules and threads.
@Suite struct SelectExecutorTests {
    private static let calls: [AggregateCall] = {
        let columns = OperatorRows.columns
        func column(_ index: Int) -> Expression { .column(index, columns[index].type) }
        return [
            AggregateCall(.countRows, [], type: .integer),
            AggregateCall(
                .countRows, [], filter: .oneOf(column(0), [.string("view")], listHasNull: false),
                type: .integer),
            AggregateCall(.count, [column(5)], type: .integer),
            AggregateCall(.countDistinct, [column(1)], type: .integer),
            AggregateCall(.countDistinct, [column(5)], type: .integer),
            AggregateCall(.countDistinct, [column(1), column(5)], type: .integer),
            AggregateCall(.countDistinct, [column(7)], type: .integer),
            AggregateCall(.countDistinct, [column(10)], type: .integer),
            AggregateCall(.count, [column(11)], isDistinct: true, type: .integer),
            AggregateCall(.uniq, [column(1)], type: .integer),
            AggregateCall(.uniq, [column(10)], type: .integer),
            AggregateCall(.sum, [column(5)], type: .integer),
            AggregateCall(.sum, [column(5)], isDistinct: true, type: .integer),
            AggregateCall(
                .sum, [column(6)], filter: .isNull(column(4)), type: .float),
            AggregateCall(.sum, [column(8)], type: .float),
            AggregateCall(.avg, [column(5)], type: .float),
            AggregateCall(.avg, [column(6)], type: .float),
            AggregateCall(.min, [column(2)], type: .timestamp),
            AggregateCall(.max, [column(6)], type: .float),
            AggregateCall(.min, [column(11)], type: .string),
            AggregateCall(.max, [column(7)], type: .string),
            AggregateCall(.any, [column(4)], type: .string),
            AggregateCall(.argMin, [column(11), column(2)], type: .string),
            AggregateCall(.argMax, [column(5), column(7)], type: .integer),
            AggregateCall(.argMax, [column(1), column(6)], type: .string),
            AggregateCall(.boolOr, [column(3)], type: .boolean),
            AggregateCall(.boolAnd, [column(3)], type: .boolean),
            AggregateCall(.variance(isSample: true), [column(6)], type: .float),
            AggregateCall(.standardDeviation(isSample: false), [column(5)], type: .float),
            AggregateCall(
                .quantiles([0.5], isContinuous: true, isList: false), [column(5)], type: .float),
            AggregateCall(
                .quantiles([0.1, 0.9, 1], isContinuous: false, isList: true), [column(5)],
                type: .json),
            AggregateCall(.topK(2), [column(11)], type: .json),
            AggregateCall(.topK(3), [column(5)], isDistinct: true, type: .json),
            AggregateCall(.joined(separator: ", "), [column(4)], type: .string),
        ]
    }()

    private struct Query {
        var filters: [Expression] = []
        var keys: [Expression] = []
        var calls: [AggregateCall] = []

        init(_ random: inout SeededRandom, _ rows: [RawRow]) {
            func column(_ index: Int) -> Expression {
                .column(index, OperatorRows.columns[index].type)
            }
            let users = (0..<3).map { _ in Value.string("user_\(random.below(45))") }
            let pages = (0..<4).map { _ in Value.string("/p/\(random.below(27))") }
            let all: [Expression] = [
                .oneOf(column(0), [.string("view")], listHasNull: false),
                .oneOf(column(1), users, listHasNull: false),
                .oneOf(column(11), pages, listHasNull: false),
                .isNull(column(4)), .isNull(column(9)),
                .oneOf(column(7), [.string("m1"), .string("1")], listHasNull: false),
                OperatorRows.notBefore(
                    OperatorRows.start + Milliseconds(random.below(70)) * OperatorRows.hour),
            ]
            for filter in all where random.chance(0.2) { filters.append(filter) }
            let keys = [
                column(0), column(1), OperatorRows.hourOfTime, column(3), column(4), column(5),
                column(6), column(7), column(8), column(9), column(10), column(11),
            ]
            self.keys = Array(keys.shuffled(using: &random).prefix(random.below(5)))
            calls = Array(
                SelectExecutorTests.calls.shuffled(using: &random).prefix(1 + random.below(6)))
        }

        var plan: LogicalPlan {
            let scan = LogicalPlan.scan(TableScan(table: "events", columns: OperatorRows.columns))
            return .aggregate(
                keys: keys, calls: calls,
                filters.isEmpty
                    ? scan : .filter(filters.count == 1 ? filters[0] : .and(filters), scan))
        }

        func expected(_ rows: [RawRow]) -> [[Value]] {
            let kept = rows.filter { row in filters.allSatisfy { Self.isTrue($0, row) } }
            var groups = Dictionary(grouping: kept) { row in
                keys.map { Self.value($0, row) }
            }
            if keys.isEmpty, groups.isEmpty { groups[[]] = [] }
            return groups.map { key, rows in
                key
                    + calls.map { call in
                        let rows = rows.filter { row in
                            call.filter.map { Self.isTrue($0, row) } ?? true
                        }
                        return NaiveAggregates.value(
                            call, rows.map { row in call.arguments.map { Self.value($0, row) } })
                    }
            }
        }

        private static func value(_ expression: Expression, _ row: RawRow) -> Value {
            switch expression {
            case .column(let index, _): return OperatorRows.value(row, index)
            default:
                return .timestamp(
                    floorDivide(row.time, OperatorRows.hour) * OperatorRows.hour)
            }
        }

        private static func isTrue(_ condition: Expression, _ row: RawRow) -> Bool {
            switch condition {
            case .oneOf(let inner, let values, _): return values.contains(value(inner, row))
            case .isNull(let inner): return value(inner, row) == .null
            case .call(let call):
                guard case .constant(.timestamp(let time), _) = call.arguments[1] else {
                    return false
                }
                return row.time >= time
            default: return false
            }
        }
    }

    @Test func aggregatesEqualTheNaiveOnes() throws {
        var random = SeededRandom(seed: UInt64.random(in: 0..<1 << 32))
        // With caches for all, for a little, and for nothing.
        let pools = [64 << 20, 3_000, 0].map { bytes in
            QueryPool(threads: 3, dictionaryBytes: bytes, blockBytes: bytes)
        }
        for number in 0..<(TestSizes.isFull ? 400 : 25) {
            let seed = random.next()
            try check(seed: seed, pools[number % pools.count])
        }
    }

    private func check(seed: UInt64, _ pool: QueryPool) throws {
        var random = SeededRandom(seed: seed)
        let rows = OperatorRows.random([0, 1, 30, 400, 2_000][random.below(5)], &random)
        let (source, store) = try OperatorRows.source(
            rows, granuleRows: [2, 16, 100][random.below(3)], &random)
        defer { store.close() }
        for _ in 0..<8 {
            let query = Query(&random, rows)
            var options = SelectExecutor.Options()
            options.granulesPerItem = 1 + random.below(8)
            options.directCells = [1, 256, 1 << 20][random.below(3)]
            options.sharedGroupsLeast = random.chance(0.5) ? 1 : 1 << 14
            let workers = 1 + random.below(4)
            let executor = SelectExecutor(
                source, control: QueryControl(), pool: pool, workers: workers, options: options)
            var found: [[Value]] = []
            _ = try executor.run(query.plan) { batch throws(QueryError) in
                found += batch.rows(query.plan.types)
            }
            expectEqual(found, query.expected(rows), "seed \(seed): \(query.plan)")
        }
    }

    private func expectEqual(_ found: [[Value]], _ expected: [[Value]], _ comment: String) {
        let (found, expected) = (sorted(found), sorted(expected))
        #expect(found.count == expected.count, Comment(rawValue: comment))
        for (mine, theirs) in zip(found, expected) where !isClose(mine, theirs) {
            Issue.record("\(mine) instead of \(theirs): \(comment)")
            return
        }
    }

    private func sorted(_ rows: [[Value]]) -> [[Value]] {
        rows.map { ($0, "\($0.map(Self.rounded))") }.sorted { $0.1 < $1.1 }.map(\.0)
    }

    /// So that floats that differ a little sort alike.
    private static func rounded(_ value: Value) -> Value {
        if case .float(let number) = value { return .float((number * 1e6).rounded()) }
        return value
    }

    private func isClose(_ left: [Value], _ right: [Value]) -> Bool {
        zip(left, right).allSatisfy { left, right in
            if case .float(let mine) = left, case .float(let theirs) = right {
                return abs(mine - theirs) <= 1e-9 * max(1, abs(theirs))
            }
            return left == right
        }
    }
}

import Base
import Expressions
import Query
import TestSupport
import Testing

/// Window functions give what a naive twin does, and rows keep their order.
@Suite struct WindowTests {
    private static let rounds = TestSizes.isFull ? 10_000 : 200

    /// Behind columns of any types, by which rows are partitioned and ordered, those that functions
    /// compute on.
    private static let operands: [DataType] = [
        .string, .integer, .float, .timestamp, .boolean,
    ]

    private static func rows(
        _ count: Int, _ random: inout SeededRandom
    ) -> (rows: RandomRows, keyCount: Int) {
        let keyCount = 1 + random.below(3)
        let keys = RandomRows(count, columns: keyCount, &random)
        let plain = RandomRows(count, types: operands, isPlain: true, &random)
        return (RandomRows(keys, plain), keyCount)
    }

    private static func function(
        _ first: Int, _ random: inout SeededRandom
    ) -> (WindowCall.Function, [Expression], DataType) {
        func column(_ index: Int) -> Expression { .column(first + index, operands[index]) }
        let any = random.below(operands.count)
        let number = 1 + random.below(2)
        let type = operands[any]
        let numeric = operands[number]
        let isSample = random.chance(0.5)
        let choices: [(WindowCall.Function, [Expression], DataType)] = [
            (.rowNumber, [], .integer), (.rank, [], .integer), (.denseRank, [], .integer),
            (.percentRank, [], .float), (.cumulativeDistribution, [], .float),
            (.ntile(1 + random.below(12)), [], .integer),
            (.lag(random.below(9) - 4), [column(any)], type),
            (.lag(random.below(9) - 4), [column(any), column(any)], type),
            (
                .lag(random.below(9) - 4), [column(0), .constant(.string("none"), .string)],
                .string
            ),
            (.firstValue, [column(any)], type), (.lastValue, [column(any)], type),
            (.aggregate(.countRows), [], .integer), (.aggregate(.count), [column(any)], .integer),
            (.aggregate(.sum), [column(number)], numeric),
            (.aggregate(.avg), [column(number)], .float),
            (.aggregate(.min), [column(any)], type), (.aggregate(.max), [column(any)], type),
            (.aggregate(.any), [column(any)], type),
            (.aggregate(.argMin), [column(any), column(number)], type),
            (.aggregate(.argMax), [column(any), column(3)], type),
            (.aggregate(.boolOr), [column(4)], .boolean),
            (.aggregate(.boolAnd), [column(4)], .boolean),
            (.aggregate(.variance(isSample: isSample)), [column(number)], .float),
            (.aggregate(.standardDeviation(isSample: isSample)), [column(number)], .float),
            (.aggregate(.uniq), [column(0)], .integer),
            (.aggregate(.countDistinct), [column(any)], .integer),
            (
                .aggregate(.quantiles([0.3], isContinuous: isSample, isList: false)),
                [column(number)], .float
            ),
            (.aggregate(.topK(3)), [column(0)], .json),
            (.aggregate(.joined(separator: ";")), [column(0)], .string),
        ]
        return choices[random.below(choices.count)]
    }

    private static func frame(_ random: inout SeededRandom) -> WindowCall.Frame {
        let isRows = random.chance(0.7)
        let starts: [WindowCall.Bound] =
            [.unboundedPreceding, .currentRow]
            + (isRows ? [.preceding(random.below(6)), .following(random.below(6))] : [])
        let ends: [WindowCall.Bound] =
            [.unboundedFollowing, .currentRow]
            + (isRows ? [.preceding(random.below(6)), .following(random.below(6))] : [])
        return WindowCall.Frame(
            isRows: isRows, start: starts[random.below(starts.count)],
            end: ends[random.below(ends.count)])
    }

    private static func call(
        _ rows: RandomRows, _ keyCount: Int, _ random: inout SeededRandom
    ) -> WindowCall {
        func key(_ random: inout SeededRandom) -> Expression {
            let column = random.below(keyCount)
            return .column(column, rows.types[column])
        }
        let partition = (0..<random.below(3)).map { _ in key(&random) }
        let order = (0..<random.below(3)).map { _ in
            SortKey(
                key(&random), isDescending: random.chance(0.5), nullsFirst: random.chance(0.5))
        }
        let (function, arguments, type) = function(keyCount, &random)
        return WindowCall(
            function, arguments, partition: partition, order: order, frame: frame(&random),
            type: type)
    }

    private static func areEqual(_ left: Value, _ right: Value) -> Bool {
        guard case (.float(let left), .float(let right)) = (left, right) else {
            return left == right
        }
        return abs(left - right) <= 1e-9 * max(1, abs(left)) || (left.isNaN && right.isNaN)
    }

    @Test func givesWhatTheTwinDoes() throws {
        for _ in 0..<Self.rounds {
            let seed = UInt64.random(in: 0 ... .max)
            var random = SeededRandom(seed: seed)
            let count = random.below([2, 10, 60, 120][random.below(4)])
            let (rows, keyCount) = Self.rows(count, &random)
            let calls = (0..<1 + random.below(4)).map { _ in
                Self.call(rows, keyCount, &random)
            }
            var window = WindowOperator(calls, control: QueryControl())
            let found = try window.run(rows.batches(&random))
            let types = rows.types + calls.map(\.type)
            let inputs = found.map {
                Batch(
                    columns: Array($0.columns.prefix(rows.types.count)), rowCount: $0.rowCount)
            }
            #expect(inputs.texts(rows.types) == rows.rows.texts, "seed \(seed)")
            for (index, call) in calls.enumerated() {
                let column = rows.types.count + index
                let values = found.flatMap { batch in
                    (0..<batch.rowCount).map {
                        batch.columns[column].value(row: $0, type: types[column])
                    }
                }
                let expected = NaiveWindow(call: call, rows: rows.rows).values()
                #expect(
                    values.count == expected.count
                        && zip(values, expected).allSatisfy(Self.areEqual),
                    "seed \(seed), \(call): \(values) instead of \(expected)")
            }
        }
    }

    private static func numbers(_ numbers: [Int64]) -> Batch {
        Batch(
            columns: [Vector(type: .integer, values: .integers(numbers))],
            rowCount: numbers.count)
    }

    private static func sum(_ frame: WindowCall.Frame, _ type: DataType = .integer) -> WindowCall {
        WindowCall(
            .aggregate(.sum), [.column(0, type)], partition: [],
            order: [SortKey(.column(0, type), isDescending: false, nullsFirst: false)],
            frame: frame, type: type)
    }

    @Test func framesEndWhereThePartitionDoes() throws {
        let far = WindowCall.Frame(
            isRows: true, start: .preceding(.max), end: .following(.max))
        let beyond = WindowCall.Frame(
            isRows: true, start: .following(10), end: .following(.max))
        let before = WindowCall.Frame(
            isRows: true, start: .preceding(.max), end: .preceding(10))
        var window = WindowOperator(
            [Self.sum(far), Self.sum(beyond), Self.sum(before)], control: QueryControl())
        let found = try window.run([Self.numbers([3, 1]), Self.numbers([]), Self.numbers([2])])
        #expect(
            found.texts([.integer, .integer, .integer, .integer])
                == [3, 1, 2].map {
                    "integer(\($0)), integer(6), null, null"
                })
        #expect(found.map(\.rowCount) == [2, 1])
    }

    @Test func givesNothingForNothing() throws {
        let whole = WindowCall.Frame(
            isRows: false, start: .unboundedPreceding, end: .currentRow)
        var window = WindowOperator([Self.sum(whole)], control: QueryControl())
        #expect(try window.finish().isEmpty)
    }

    @Test func sumsOfIntegersAreExactOrFail() throws {
        let sliding = WindowCall.Frame(isRows: true, start: .preceding(1), end: .currentRow)
        var window = WindowOperator([Self.sum(sliding)], control: QueryControl())
        // All of them together are no Int64, two neighbours are.
        let found = try window.run([Self.numbers([.min, 0, 1, .max - 1])])
        #expect(
            found.texts([.integer, .integer]) == [
                "integer(\(Int64.min)), integer(\(Int64.min))",
                "integer(0), integer(\(Int64.min))", "integer(1), integer(1)",
                "integer(\(Int64.max - 1)), integer(\(Int64.max))",
            ])
        var failing = WindowOperator([Self.sum(sliding)], control: QueryControl())
        #expect(throws: QueryError.self) { try failing.run([Self.numbers([.max, 1])]) }
    }

    @Test func slidingSumsOfFloatsForgetWhatIsPast() throws {
        let sliding = WindowCall.Frame(isRows: true, start: .preceding(1), end: .currentRow)
        var window = WindowOperator([Self.sum(sliding, .float)], control: QueryControl())
        let numbers: [Double] = [-1e300, -1, 0.5, 0.25, .infinity, .nan]
        let vector = Vector(type: .float, values: .floats(numbers.reversed()))
        let found = try window.run([Batch(columns: [vector], rowCount: 6)])
        #expect(
            found.texts([.float, .float]) == [
                "float(nan), float(nan)", "float(inf), float(inf)", "float(0.25), float(-0.75)",
                "float(0.5), float(0.75)", "float(-1.0), float(-1e+300)",
                "float(-1e+300), float(-1e+300)",
            ])
    }

    @Test func longFramesCostNoMoreThanShortOnes() throws {
        // 10^10 steps, if each frame were gone through.
        let numbers = (0..<100_000).map { Int64($0 % 1_000) }
        let sliding = WindowCall.Frame(
            isRows: true, start: .preceding(99_999), end: .following(50_000))
        let functions: [AggregateCall.Function] = [
            .countRows, .sum, .avg, .min, .max, .variance(isSample: false),
        ]
        let calls = functions.map {
            WindowCall(
                .aggregate($0), $0 == .countRows ? [] : [.column(0, .integer)], partition: [],
                order: [], frame: sliding, type: .integer)
        }
        var window = WindowOperator(calls, control: QueryControl())
        let found = try window.run([Self.numbers(numbers)])
        #expect(found[0].columns[1].value(row: 0, type: .integer) == .integer(50_001))
        #expect(found[0].columns[4].value(row: 99_999, type: .integer) == .integer(0))
        #expect(found[0].columns[5].value(row: 99_999, type: .integer) == .integer(999))
    }

    @Test func endsWhereMemoryIsOverAndGivesItBack() throws {
        let whole = WindowCall.Frame(
            isRows: false, start: .unboundedPreceding, end: .currentRow)
        var window = WindowOperator(
            [Self.sum(whole)], control: QueryControl(bytesMost: 100_000))
        try window.take(Self.numbers([Int64](repeating: 1, count: 10_000)))
        #expect(throws: QueryError.self) { try window.finish() }
        let control = QueryControl(bytesMost: 2_000_000)
        for _ in 0..<10 {
            var window = WindowOperator([Self.sum(whole)], control: control)
            _ = try window.run([Self.numbers([Int64](repeating: 1, count: 10_000))])
        }
        try control.reserve(2_000_000)
    }
}

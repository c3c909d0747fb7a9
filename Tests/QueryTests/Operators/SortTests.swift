import Base
import Expressions
import Query
import TestSupport
import Testing

/// Sorting, with a limit and without, gives the rows of a naive twin, equal ones in their order.
@Suite struct SortTests {
    private static let rounds = TestSizes.isFull ? 20_000 : 200

    private static func keys(
        _ rows: RandomRows, _ random: inout SeededRandom
    ) -> [SortKey] {
        (0..<random.below(4)).map { _ in
            let column = random.below(rows.types.count)
            return SortKey(
                .column(column, rows.types[column]), isDescending: random.chance(0.5),
                nullsFirst: random.chance(0.5))
        }
    }

    /// Mostly few rows, now and then so many that all ways of sorting occur.
    private static func count(_ random: inout SeededRandom) -> Int {
        random.below([2, 10, 60, 60, 1_500][random.below(5)])
    }

    @Test func sortsAsTheTwinDoes() throws {
        for _ in 0..<Self.rounds {
            let seed = UInt64.random(in: 0 ... .max)
            var random = SeededRandom(seed: seed)
            let rows = RandomRows(
                Self.count(&random), columns: 1 + random.below(4), &random)
            let keys = Self.keys(rows, &random)
            let control = QueryControl()
            var sort = SortOperator(keys, control: control)
            let found = try sort.run(rows.batches(&random))
            let expected = NaiveOrder.sorted(rows.rows, keys)
            #expect(found.texts(rows.types) == expected.texts, "seed \(seed), \(keys)")
        }
    }

    @Test func findsTheFirstRowsAsASortAndALimitDo() throws {
        for _ in 0..<Self.rounds {
            let seed = UInt64.random(in: 0 ... .max)
            var random = SeededRandom(seed: seed)
            let rows = RandomRows(
                Self.count(&random), columns: 1 + random.below(4), &random)
            let keys = Self.keys(rows, &random)
            let limits = [0, 1, 3, 10, rows.rows.count, rows.rows.count + 1, .max]
            let limit = limits[random.below(limits.count)]
            var first = TopNOperator(
                keys, limit: limit, control: QueryControl(),
                chunkRows: 1 + random.below(20), spareRows: 1 + random.below(20))
            let found = try first.run(rows.batches(&random))
            let expected = NaiveOrder.sorted(rows.rows, keys).prefix(limit)
            #expect(
                found.texts(rows.types) == Array(expected).texts,
                "seed \(seed), \(keys), limit \(limit)")
        }
    }

    @Test func sortsByExpressions() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        let rows = RandomRows(500, types: [.boolean, .integer], &random)
        // Absent numbers first, then those that are present, as they came.
        let isPresent = Expression.not(.isNull(.column(1, .integer)))
        let keys = [
            SortKey(isPresent, isDescending: false, nullsFirst: false),
            SortKey(.column(0, .boolean), isDescending: true, nullsFirst: true),
        ]
        let absent = rows.rows.filter { $0[1] == .null }
        let present = rows.rows.filter { $0[1] != .null }
        let expected =
            NaiveOrder.sorted(absent, [keys[1]]) + NaiveOrder.sorted(present, [keys[1]])
        var sort = SortOperator(keys, control: QueryControl())
        var first = TopNOperator(
            keys, limit: 100, control: QueryControl(), chunkRows: 10, spareRows: 10)
        let batches = rows.batches(&random)
        #expect(try sort.run(batches).texts(rows.types) == expected.texts, "seed \(seed)")
        #expect(
            try first.run(batches).texts(rows.types) == Array(expected.prefix(100)).texts,
            "seed \(seed)")
    }

    @Test func givesBatchesOfALimitedSize() throws {
        let numbers = (0..<20_000).map { Int64($0 * 7 % 20_000) }
        let input = [
            Batch(
                columns: [Vector(type: .integer, values: .integers(numbers))], rowCount: 20_000)
        ]
        let key = SortKey(.column(0, .integer), isDescending: true, nullsFirst: false)
        var sort = SortOperator([key], control: QueryControl())
        let sorted = try sort.run(input)
        #expect(sorted.map(\.rowCount) == [8_192, 8_192, 3_616])
        #expect(sorted.texts([.integer]) == (0..<20_000).reversed().map { "integer(\($0))" })
        var first = TopNOperator([key], limit: 10_000, control: QueryControl())
        let found = try first.run(input)
        #expect(found.map(\.rowCount) == [8_192, 1_808])
        #expect(
            found.texts([.integer]) == (10_000..<20_000).reversed().map { "integer(\($0))" })
    }

    @Test func sortsTextsThatArePrefixesOfEachOther() throws {
        // Each is longer than the one before by less than a word.
        let texts = (0..<300).map { String(repeating: "x", count: $0 * 3) }
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        let vector = Vector(
            type: .string, values: .strings(StringTable(texts.shuffled(using: &random))))
        let key = SortKey(.column(0, .string), isDescending: false, nullsFirst: false)
        var sort = SortOperator([key], control: QueryControl())
        let found = try sort.run([Batch(columns: [vector], rowCount: 300)])
        #expect(found.texts([.string]) == texts.map { "string(\"\($0)\")" }, "seed \(seed)")
    }

    @Test func sortsRowsWithoutColumns() throws {
        var sort = SortOperator([], control: QueryControl())
        let found = try sort.run([Batch(columns: [], rowCount: 3), Batch(columns: [], rowCount: 0)])
        #expect(found.map(\.rowCount) == [3])
        var none = SortOperator([], control: QueryControl())
        #expect(try none.run([]).isEmpty)
    }

    @Test func endsWhereMemoryOrTimeIsOver() throws {
        let numbers = (0..<10_000).map { Int64($0) }
        let batch = Batch(
            columns: [Vector(type: .integer, values: .integers(numbers))], rowCount: 10_000)
        let key = SortKey(.column(0, .integer), isDescending: true, nullsFirst: false)
        var sort = SortOperator([key], control: QueryControl(bytesMost: 100_000))
        try sort.take(batch)
        #expect(throws: QueryError.self) { try sort.take(batch) }
        let cancelled = QueryControl()
        cancelled.cancel()
        var first = TopNOperator([key], limit: 1, control: cancelled)
        #expect(throws: QueryError.self) { try first.take(batch) }
    }

    @Test func givesItsMemoryBack() throws {
        let numbers = (0..<10_000).map { Int64($0) }
        let batch = Batch(
            columns: [Vector(type: .integer, values: .integers(numbers))], rowCount: 10_000)
        let key = SortKey(.column(0, .integer), isDescending: true, nullsFirst: false)
        let control = QueryControl(bytesMost: 1_000_000)
        for _ in 0..<10 {
            var sort = SortOperator([key], control: control)
            _ = try sort.run([batch])
            var first = TopNOperator([key], limit: 10, control: control)
            _ = try first.run([batch])
            var distinct = DistinctOperator(control: control)
            _ = try distinct.run([batch])
            var limit = LimitOperator(count: 9_000, offset: 10, control: control)
            _ = try limit.run([batch])
        }
        #expect(control.peakBytes > 80_000)
        try control.reserve(1_000_000)
    }

    @Test func reservesOnlyWhatTheFirstRowsNeed() throws {
        let key = SortKey(.column(0, .integer), isDescending: true, nullsFirst: false)
        let control = QueryControl()
        var first = TopNOperator([key], limit: 10, control: control)
        var found: [Batch] = []
        for number in 0..<100 {
            let numbers = (0..<1_000).map { Int64(number * 1_000 + $0) }
            try first.take(
                Batch(
                    columns: [Vector(type: .integer, values: .integers(numbers))],
                    rowCount: 1_000))
        }
        found = try first.finish()
        #expect(found.texts([.integer]) == (0..<10).map { "integer(\(99_999 - $0))" })
        #expect(control.peakBytes < 100_000)
    }

    @Test func keepsNoLargeDictionaryForFewRows() throws {
        let keys = [SortKey(.column(0, .string), isDescending: true, nullsFirst: false)]
        let control = QueryControl()
        var sort = SortOperator(keys, control: control)
        for number in 0..<50 {
            let dictionary = StringTable((0..<10_000).map { "\(number)_\($0)" })
            try sort.take(
                Batch(
                    columns: [
                        Vector(type: .string, values: .codes([0, 7], dictionary: dictionary))
                    ], rowCount: 2))
        }
        let found = try sort.finish()
        let texts = (0..<50).map { "\($0)_6" }.sorted().reversed().map { "string(\"\($0)\")" }
        #expect(found.texts([.string]) == texts + [String](repeating: "null", count: 50))
        #expect(control.peakBytes < 100_000)
    }
}

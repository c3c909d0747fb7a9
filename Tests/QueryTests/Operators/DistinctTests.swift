import Base
import Expressions
import Query
import TestSupport
import Testing

/// Distinct rows and limits are those of naive twins.
@Suite struct DistinctTests {
    private static let rounds = TestSizes.isFull ? 20_000 : 200

    /// Values as texts under which equal ones are equal.
    private static func canonical(_ row: [Value]) -> String {
        row.map { value in
            if case .float(let number) = value, !number.isNaN { return "\(number + 0)" }
            if case .float = value { return "nan" }
            return "\(value)"
        }.joined(separator: ", ")
    }

    private static func values(_ batches: [Batch], _ types: [DataType]) -> [[Value]] {
        batches.flatMap { batch in
            (0..<batch.rowCount).map { row in
                batch.columns.indices.map {
                    batch.columns[$0].value(row: row, type: types[$0])
                }
            }
        }
    }

    @Test func keepsEachRowOnceWhereItComesFirst() throws {
        for _ in 0..<Self.rounds {
            let seed = UInt64.random(in: 0 ... .max)
            var random = SeededRandom(seed: seed)
            let count = random.below([2, 10, 60, 1_500][random.below(4)])
            let rows = RandomRows(count, columns: 1 + random.below(4), &random)
            var distinct = DistinctOperator(control: QueryControl())
            let found = try distinct.run(rows.batches(&random))
            var seen: Set<String> = []
            let expected = rows.rows.map(Self.canonical).filter { seen.insert($0).inserted }
            #expect(
                Self.values(found, rows.types).map(Self.canonical) == expected, "seed \(seed)")
        }
    }

    @Test func floatsThatAreEqualAreOne() throws {
        let floats: [Double] = [-0.0, .nan, 0, -.nan, 1, 0]
        var distinct = DistinctOperator(control: QueryControl())
        let found = try distinct.run([
            Batch(columns: [Vector(type: .float, values: .floats(floats))], rowCount: 6)
        ])
        #expect(found.texts([.float]) == ["float(0.0)", "float(nan)", "float(1.0)"])
    }

    @Test func rowsWithoutColumnsAreEqual() throws {
        var distinct = DistinctOperator(control: QueryControl())
        let found = try distinct.run([
            Batch(columns: [], rowCount: 0), Batch(columns: [], rowCount: 3),
            Batch(columns: [], rowCount: 2),
        ])
        #expect(found.map(\.rowCount) == [1])
        var none = DistinctOperator(control: QueryControl())
        #expect(try none.run([Batch(columns: [], rowCount: 0)]).isEmpty)
    }

    @Test func endsWhereMemoryIsOver() throws {
        var distinct = DistinctOperator(control: QueryControl(bytesMost: 100_000))
        let numbers = (0..<10_000).map { Int64($0) }
        #expect(throws: QueryError.self) {
            try distinct.take(
                Batch(
                    columns: [Vector(type: .integer, values: .integers(numbers))],
                    rowCount: 10_000))
        }
    }

    @Test func leavesOutAndCuts() throws {
        for _ in 0..<Self.rounds {
            let seed = UInt64.random(in: 0 ... .max)
            var random = SeededRandom(seed: seed)
            let rows = RandomRows(random.below(100), columns: random.below(3), &random)
            let offset = [0, 1, 10, 99, 1_000_000_000, .max][random.below(6)]
            let count = [nil, 0, 1, 10, .max][random.below(5)]
            var limit = LimitOperator(count: count, offset: offset, control: QueryControl())
            let batches = rows.batches(&random)
            let found = try limit.run(batches)
            let expected = rows.rows.dropFirst(offset).prefix(count ?? .max)
            #expect(found.texts(rows.types) == Array(expected).texts, "seed \(seed)")
            if let count, rows.rows.count > offset, rows.rows.count - offset >= count {
                #expect(limit.isSatisfied, "seed \(seed)")
            }
        }
        var none = LimitOperator(count: 0, offset: 5, control: QueryControl())
        #expect(none.isSatisfied)
        #expect(try none.finish().isEmpty)
    }
}

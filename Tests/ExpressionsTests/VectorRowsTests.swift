import Base
import Expressions
import Testing

/// Rows taken out of vectors and put together again.
@Suite struct VectorRowsTests {
    private func values(_ vector: Vector, _ type: DataType) -> [Value] {
        (0..<vector.count).map { vector.value(row: $0, type: type) }
    }

    @Test(arguments: 0..<20) func agreeWithArrays(round: Int) {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        let tables = (0..<1 + random.below(4)).map { _ in TestTable(&random, sharing: nil) }
        for (column, type) in EvaluatorTests.columns.enumerated() {
            let vectors = tables.map { $0.batch.columns[column] }
            let expected = tables.map { table in table.rows.map { $0[column] } }
            let joined = Vector.concatenated(vectors, type: type)
            #expect(
                isSame(values(joined, type), expected.flatMap(\.self)), "seed \(seed), \(type)")
            for (vector, values) in zip(vectors, expected) where !values.isEmpty {
                let rows = (0..<random.below(200)).map { _ in UInt32(random.below(values.count)) }
                let taken = self.values(vector.taking(rows), type)
                #expect(isSame(taken, rows.map { values[Int($0)] }), "seed \(seed), \(type)")
                var selection = Bitmap(count: values.count)
                for row in rows { selection[Int(row)] = true }
                let kept = self.values(vector.filtered(selection), type)
                let wanted = values.indices.filter { selection[$0] }.map { values[$0] }
                #expect(isSame(kept, wanted), "seed \(seed), \(type)")
            }
        }
    }

    @Test func sharedDictionariesAreKept() {
        let dictionary = StringTable(["a", "b"])
        let first = Vector(type: .string, values: .codes([1, 0], dictionary: dictionary))
        let second = Vector(type: .string, values: .codes([2], dictionary: dictionary))
        guard
            case .codes(let codes, let entries) = Vector.concatenated(
                [first, second], type: .string
            ).values
        else {
            Issue.record("no codes")
            return
        }
        #expect(codes == [1, 0, 2] && entries == dictionary)
    }

    @Test func constantsFillVectors() {
        let cases: [(Value, DataType)] = [
            (.null, .string), (.null, .integer), (.null, .boolean), (.null, .null),
            (.boolean(true), .boolean), (.integer(7), .integer), (.float(0.5), .float),
            (.string("é"), .string), (.timestamp(5), .timestamp), (.date(3), .date),
        ]
        for (value, type) in cases {
            let vector = Vector(repeating: value, type: type, count: 65)
            #expect(vector.type == type.valueType)
            #expect(values(vector, type) == [Value](repeating: value, count: 65))
        }
    }

    private func isSame(_ left: [Value], _ right: [Value]) -> Bool {
        left.count == right.count && zip(left, right).allSatisfy { ExpressionsTests.isSame($0, $1) }
    }
}

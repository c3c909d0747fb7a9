import Base
import Expressions
import Testing

/// Rows that AND, OR and CASE pass over, and rows without a value, do not fail.
@Suite struct EvaluationOrderTests {
    private let number = Expression.column(0, .integer)

    private func bind(_ name: String, _ arguments: Expression...) throws -> Expression {
        try FunctionCatalog.bind(name, arguments, zones: testZones, now: 0)
    }

    private func integer(_ number: Int64) -> Expression { .constant(.integer(number), .integer) }

    private func batch(_ values: [Value]) -> Batch {
        Batch(columns: [Vector(values, type: .integer)], rowCount: values.count)
    }

    private func values(_ expression: Expression, _ batch: Batch) throws -> [Value] {
        var evaluator = Evaluator()
        let vector = try evaluator.evaluate(expression, batch)
        return (0..<vector.count).map { vector.value(row: $0, type: expression.type) }
    }

    @Test func laterOperandsSeeOnlyOpenRows() throws {
        let quotient = try bind("intDiv", integer(12), number)
        let isLarge = try bind("greater", quotient, integer(3))
        let guarded = try bind("and", bind("notEquals", number, integer(0)), isLarge)
        let rows = batch([.integer(0), .integer(2), .integer(6), .null])
        #expect(
            try values(guarded, rows)
                == [.boolean(false), .boolean(true), .boolean(false), .null])
        var evaluator = Evaluator()
        #expect(try evaluator.selection(guarded, rows).rows == [1])
        let either = try bind("or", bind("equals", number, integer(0)), isLarge)
        #expect(
            try values(either, rows)
                == [.boolean(true), .boolean(true), .boolean(false), .null])
        #expect(try evaluator.selection(either, rows).rows == [0, 1])
        let unguarded = try bind("and", isLarge, bind("notEquals", number, integer(0)))
        #expect(throws: EvaluationError.self) { try values(unguarded, rows) }
    }

    @Test func branchesSeeOnlyTheirRows() throws {
        let quotient = try bind("intDiv", integer(12), number)
        let safe = try FunctionCatalog.conditional(
            [(bind("equals", number, integer(0)), integer(-1))], otherwise: quotient,
            zones: testZones)
        let rows = batch([.integer(0), .integer(5), .integer(0), .null])
        #expect(
            try values(safe, rows) == [.integer(-1), .integer(2), .integer(-1), .null])
    }

    @Test func rowsWithoutAValueDoNotFail() throws {
        let quotient = try bind("intDiv", integer(12), number)
        #expect(
            try values(quotient, batch([.null, .integer(4), .null]))
                == [.null, .integer(3), .null])
        #expect(try values(quotient, batch([.null])) == [.null])
        #expect(try values(quotient, batch([])) == [])
    }

    @Test func errorsNameTheValues() throws {
        let sum = try bind("plus", number, integer(1))
        let rows = batch([.integer(1), .integer(.max)])
        #expect(
            throws: EvaluationError(
                code: "out_of_range",
                message: "9223372036854775807 + 1 is out of the range of Int64")
        ) { try values(sum, rows) }
        #expect(throws: EvaluationError(code: "division_by_zero", message: "division of 7 by zero"))
        {
            try values(bind("modulo", integer(7), number), batch([.integer(0)]))
        }
    }

    @Test func nanIsTheGreatestFloatAndEqualsItself() throws {
        let floats = Expression.column(0, .float)
        let column = Batch(
            columns: [Vector(type: .float, values: .floats([1, .nan, -.nan, .infinity]))],
            rowCount: 4)
        let nan = Expression.constant(.float(.nan), .float)
        var evaluator = Evaluator()
        let cases: [(String, Expression, [UInt32])] = [
            ("equals", nan, [1, 2]), ("less", nan, [0, 3]), ("greaterOrEquals", nan, [1, 2]),
            ("greater", .constant(.float(.infinity), .float), [1, 2]),
            ("equals", floats, [0, 1, 2, 3]),
            ("less", floats, []),
        ]
        for (name, other, expected) in cases {
            let rows = try evaluator.selection(bind(name, floats, other), column).rows
            #expect(rows == expected, "\(name) \(other)")
        }
    }
}

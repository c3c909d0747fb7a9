import Base
import Expressions
import Testing

/// How many rows a function saw.
private final class Calls: Sendable {
    private let sum = Locked(0)

    var count: Int { sum.withLock { $0 } }
    func add(_ rows: Int) { sum.withLock { $0 += rows } }
}

/// What the evaluator computes once per entry of a dictionary, and when it does not.
@Suite struct LiftingTests {
    private let page = Expression.column(0, .string)

    private func bind(_ name: String, _ arguments: Expression...) throws -> Expression {
        try FunctionCatalog.bind(name, arguments, zones: testZones, now: 0)
    }

    private func text(_ text: String) -> Expression { .constant(.string(text), .string) }

    private func batch(_ codes: [UInt32], _ dictionary: StringTable) -> Batch {
        let vector = Vector(type: .string, values: .codes(codes, dictionary: dictionary))
        return Batch(columns: [vector], rowCount: codes.count)
    }

    /// A function that counts for how many rows it is called.
    private func counted(_ calls: Calls) -> Expression {
        let kernel = FunctionKernel(canFail: false) { _, count in
            calls.add(count)
            return Vector(
                type: .integer, values: .integers([Int64](repeating: 7, count: count)))
        }
        return .call(
            FunctionCall(name: "counted", arguments: [page], type: .integer, kernel: kernel))
    }

    @Test func computesOncePerEntryOfADictionary() throws {
        let calls = Calls()
        let expression = counted(calls)
        let dictionary = StringTable((0..<10).map { "\($0)" })
        var evaluator = Evaluator()
        for _ in 0..<5 {
            let codes = (0..<20).map { UInt32($0 % 11) }
            let vector = try evaluator.evaluate(expression, batch(codes, dictionary))
            #expect(vector.value(row: 0, type: .integer) == .null)
            #expect(vector.value(row: 1, type: .integer) == .integer(7))
        }
        #expect(calls.count == 11)
        // Another dictionary, even an equal one, is another matter.
        let other = StringTable((0..<10).map { "\($0)" })
        _ = try evaluator.evaluate(expression, batch([UInt32](repeating: 1, count: 20), other))
        #expect(calls.count == 22)
    }

    @Test func waitsWhereTheDictionaryIsLarge() throws {
        let calls = Calls()
        let expression = counted(calls)
        let dictionary = StringTable((0..<1_000).map { "\($0)" })
        var evaluator = Evaluator()
        for _ in 0..<40 {
            _ = try evaluator.evaluate(
                expression, batch([UInt32](repeating: 3, count: 100), dictionary))
        }
        // Nine batches row by row, then the dictionary once.
        #expect(calls.count == 900 + 1_001)
    }

    @Test func entriesThatNoRowHasDoNotFail() throws {
        let number = try FunctionCatalog.cast(page, to: .integer, isTry: false, zones: testZones)
        let dictionary = StringTable(["1", "two", "3"])
        var evaluator = Evaluator()
        let vector = try evaluator.evaluate(number, batch([3, 1, 0, 1], dictionary))
        #expect(
            (0..<4).map { vector.value(row: $0, type: .integer) }
                == [.integer(3), .integer(1), .null, .integer(1)])
        let failing = batch([1, 2, 3, 1], dictionary)
        #expect(throws: EvaluationError(code: "invalid_value", message: "\"two\" is no Int64")) {
            try evaluator.evaluate(number, failing)
        }
    }

    @Test func textsBecomeCodesOfOneDictionary() throws {
        let dictionary = StringTable(["A", "a", "B"])
        var evaluator = Evaluator()
        let lower = try bind("lower", page)
        let vector = try evaluator.evaluate(lower, batch([1, 2, 3, 0], dictionary))
        guard case .codes(let codes, let entries) = vector.values else {
            Issue.record("\(vector.values)")
            return
        }
        #expect(codes == [1, 1, 2, 0])
        #expect((0..<entries.count).map { entries[$0] } == ["a", "b"])
    }

    @Test func anExpressionMayHaveAValueForNull() throws {
        let direct = try bind("coalesce", page, text("direct"))
        let dictionary = StringTable(["mail", "web"])
        var evaluator = Evaluator()
        let vector = try evaluator.evaluate(direct, batch([0, 2, 1], dictionary))
        #expect(
            (0..<3).map { vector.value(row: $0, type: .string) }
                == [.string("direct"), .string("web"), .string("mail")])
        let isDirect = try bind("equals", direct, text("direct"))
        #expect(try evaluator.selection(isDirect, batch([0, 2, 0], dictionary)).rows == [0, 2])
    }

    @Test func manyDictionariesAreForgotten() throws {
        let like = try bind("like", page, text("%1%"))
        var evaluator = Evaluator()
        let long = String(repeating: "x", count: 4_096)
        for round in 0..<40 {
            let entries = (0..<500).map { "\(long)\(round)-\($0)" }
            let rows = try evaluator.selection(
                like, batch([UInt32](1...500), StringTable(entries)))
            let expected = entries.indices.filter { entries[$0].utf8.dropFirst(4_096).contains(49) }
            #expect(rows.rows.map(Int.init) == expected)
        }
    }
}

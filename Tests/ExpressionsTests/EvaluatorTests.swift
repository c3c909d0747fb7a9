import Base
import Expressions
import NaiveSQL
import TestSupport
import Testing

/// The evaluator of vectors against the oracle that goes row by row.
@Suite struct EvaluatorTests {
    static let columns: [DataType] = [
        .boolean, .integer, .integer, .float, .string, .string, .string, .timestamp, .timestamp,
        .date, .json,
    ]

    @Test(arguments: 0..<(TestSizes.isFull ? 4_000 : 40)) func agreesWithTheNaiveTwin(round: Int)
        throws
    {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        let first = TestTable(&random, sharing: nil)
        let tables = [first] + (0..<3).map { _ in TestTable(&random, sharing: first) }
        var expressions = RandomExpressions(random: random, columns: Self.columns)
        var evaluator = Evaluator()
        for _ in 0..<40 {
            let type = RandomExpressions.types.randomElement(using: &random) ?? .boolean
            let expression = expressions.expression(type, depth: 3)
            for table in tables { check(expression, table, &evaluator, seed) }
        }
    }

    /// Evaluates both ways and compares; an error must be one that the oracle met in some row.
    private func check(
        _ expression: Expression, _ table: TestTable, _ evaluator: inout Evaluator, _ seed: UInt64
    ) {
        let naive = NaiveEvaluator(zones: testZones)
        var expected: [Value] = []
        var codes: Set<String> = []
        for row in table.rows {
            do {
                expected.append(try naive.value(expression, row))
            } catch {
                codes.insert(error.code)
            }
        }
        do {
            let vector = try evaluator.evaluate(expression, table.batch)
            guard codes.isEmpty else {
                Issue.record("seed \(seed): \(expression) has no error \(codes)")
                return
            }
            #expect(vector.count == table.rows.count && vector.type == expression.type.valueType)
            for row in expected.indices {
                let value = vector.value(row: row, type: expression.type)
                if !isSame(value, expected[row]) {
                    let values = table.rows[row].map(\.literal)
                    Issue.record(
                        """
                        seed \(seed): \(expression) of \(values) is \(value), not \
                        \(expected[row])
                        """)
                    return
                }
            }
            guard expression.type == .boolean else { return }
            let selection = try evaluator.selection(expression, table.batch)
            #expect(
                selection.rows.map(Int.init)
                    == expected.indices.filter { expected[$0] == .boolean(true) },
                "seed \(seed): the selection of \(expression)")
        } catch {
            if !codes.contains(error.code) {
                Issue.record("seed \(seed): \(expression) fails with \(error), not \(codes)")
            }
        }
    }

    @Test func everyFunctionIsGenerated() {
        var expressions = RandomExpressions(
            random: SeededRandom(seed: 1), columns: Self.columns)
        let missing = FunctionCatalog.documented.map(\.name).filter { name in
            !(0..<1_000).contains { _ in expressions.makesCall(of: name) }
        }
        #expect(missing == ["now", "today", "yesterday", "typeof"])
    }
}

func isSame(_ left: Value, _ right: Value) -> Bool {
    if case .float(let first) = left, case .float(let second) = right {
        return first == second || first.isNaN && second.isNaN
    }
    return left == right
}

/// Random rows, and the batch that holds the same.
struct TestTable {
    var rows: [[Value]] = []
    var batch: Batch

    /// Columns of codes have the dictionaries that they have in the other table, so that what was
    /// computed on them is used again.
    init(_ random: inout SeededRandom, sharing other: TestTable?) {
        let counts = [0, 1, 2, 63, 64, 65, 130, 300]
        let count = counts.randomElement(using: &random) ?? 0
        var vectors: [Vector] = []
        rows = [[Value]](repeating: [], count: count)
        for (column, type) in EvaluatorTests.columns.enumerated() {
            let nulls: Double = [0, 0.1, 1].randomElement(using: &random) ?? 0
            if case .codes(_, let dictionary)? = other?.batch.columns[column].values {
                let codes = (0..<count).map { _ in
                    random.chance(nulls) ? 0 : UInt32(random.below(dictionary.count + 1))
                }
                vectors.append(
                    Vector(
                        type: type.valueType, values: .codes(codes, dictionary: dictionary)))
            } else {
                let values = (0..<count).map { _ -> Value in
                    random.chance(nulls) ? .null : randomValue(type, &random)
                }
                let vector = Vector(values, type: type)
                let isText = type == .string || type == .json
                vectors.append(
                    isText && random.chance(0.7) ? coded(vector, type, &random) : vector)
            }
            for row in rows.indices {
                rows[row].append(vectors[column].value(row: row, type: type))
            }
        }
        batch = Batch(columns: vectors, rowCount: count)
    }
}

/// The same values as codes of a dictionary with some entries that no row has.
private func coded(_ vector: Vector, _ type: DataType, _ random: inout SeededRandom) -> Vector {
    var entries: [String] = []
    var codes: [UInt32] = []
    for _ in 0..<random.below(400) {
        if case .string(let text) = randomValue(.string, &random), !entries.contains(text) {
            entries.append(text)
        }
    }
    for row in 0..<vector.count {
        guard case .string(let text) = vector.value(row: row, type: type) else {
            codes.append(0)
            continue
        }
        if !entries.contains(text) { entries.append(text) }
        codes.append(UInt32((entries.firstIndex(of: text) ?? 0) + 1))
    }
    return Vector(
        type: type.valueType, values: .codes(codes, dictionary: StringTable(entries)))
}

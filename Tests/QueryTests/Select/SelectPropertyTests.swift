import Base
import Expressions
import Query
import TestSupport
import Testing

/// Random queries over random events against `NaivePlan`: whatever the layout, the optimiser, the
/// rollups, the threads and the sizes of pieces, the rows are the same.
@Suite("Generated SELECTs")
struct SelectPropertyTests {
    @Test(arguments: 0..<8)
    func answersAsRowByRow(_ share: Int) throws {
        let base = UInt64(share) * 1_000_000
        let tables = TestSizes.isFull ? 420 : 12
        var counts = Counts()
        for number in 0..<tables where counts.failures < 5 {
            try ask(seed: base + UInt64(number), queries: 30, &counts)
        }
        print(
            "generated SELECTs: seeds from \(base), \(counts.asked) queries, "
                + "\(counts.refused) refused, \(counts.failed) without a value, "
                + "\(counts.rolledUp) from rollups")
        #expect(counts.asked > tables * 25)
        #expect(counts.refused == 0)
    }

    private struct Counts {
        var asked = 0
        var refused = 0
        var failed = 0
        var rolledUp = 0
        var failures = 0
    }

    private func ask(seed: UInt64, queries: Int, _ counts: inout Counts) throws {
        var random = SeededRandom(seed: seed)
        let events = SelectEvents(&random)
        let layout = SelectHarness.Layout.allCases[random.below(3)]
        let harness = try SelectHarness(
            events: events.lines, layout: layout, granuleRows: 1 + random.below(6))
        let naive = NaivePlan(table: events.rows)
        var generator = SelectGenerator(harness.events, seed: random.next())
        for _ in 0..<queries {
            let made = generator.make()
            var manner = SelectHarness.Manner()
            manner.workers = 1 + random.below(3)
            manner.granulesPerItem = 1 + random.below(3)
            manner.usesRollups = random.chance(0.7)
            counts.asked += 1
            let plan: LogicalPlan
            do throws(QueryError) {
                plan = try harness.bind(made.text).plan
            } catch {
                // Constants have their value when they are bound.
                if made.canFail, error.code == "division_by_zero" { continue }
                counts.refused += 1
                if counts.refused < 4 { Issue.record("seed \(seed)\n\(made.text)\n\(error)") }
                continue
            }
            let expected: Outcome
            do throws(EvaluationError) {
                expected = .rows(try naive.rows(plan))
            } catch {
                expected = .error(error.code)
                counts.failed += 1
            }
            let run = harness.optimized(plan, usesRollups: manner.usesRollups)
            if run.choices.contains(where: { $0.obstacle == nil }) { counts.rolledUp += 1 }
            let answer: Outcome
            do throws(QueryError) {
                answer = .rows(try harness.rows(run.plan, manner))
            } catch {
                answer = .error(error.code)
            }
            guard !Self.agree(expected, answer, made) else { continue }
            counts.failures += 1
            Issue.record(
                """
                seed \(seed) \(layout) \(manner)
                \(made.text)
                \(PlanPrinter.lines(of: run.plan, run.choices).joined(separator: "\n"))
                expected \(expected.text)
                answered \(answer.text)
                """)
        }
    }

    private static func agree(
        _ expected: Outcome, _ answer: Outcome, _ made: SelectGenerator.Made
    ) -> Bool {
        switch (expected, answer) {
        case (.error(let wanted), .error(let code)): return wanted == code
        case (.rows(var wanted), .rows(var rows)):
            guard wanted.count == rows.count else { return false }
            if !made.isOrdered {
                wanted.sort { SelectRows.sortText($0) < SelectRows.sortText($1) }
                rows.sort { SelectRows.sortText($0) < SelectRows.sortText($1) }
            }
            return zip(wanted, rows).allSatisfy { SelectRows.areEqual($0, $1) }
        // What is not needed for an answer is not evaluated, nor is what a filter drops first.
        default: return made.canFail
        }
    }
}

/// What a query ends in.
private enum Outcome {
    case rows([[Value]])
    case error(String)

    var text: String {
        switch self {
        case .rows(let rows):
            "\(rows.count) rows\n"
                + rows.prefix(40).map { "  " + $0.map { "\($0)" }.joined(separator: " | ") }
                .joined(separator: "\n")
        case .error(let code): code
        }
    }
}

/// Rows compared.
enum SelectRows {
    /// Rows that are as good as equal come at the same place.
    static func sortText(_ row: [Value]) -> String {
        row.map { value in
            switch value {
            case .float(let number):
                // Six places; halves between them are in no test.
                number.magnitude < 1e12
                    ? "\((number * 1e6).rounded() / 1e6 + 0)" : "\(Float(number))"
            case .integer(let number): "\(Double(number))"
            default: "\(value)"
            }
        }.joined(separator: "\u{1}")
    }

    static func areEqual(_ left: [Value], _ right: [Value]) -> Bool {
        left.count == right.count && zip(left, right).allSatisfy { areEqual($0, $1) }
    }

    private static func areEqual(_ left: Value, _ right: Value) -> Bool {
        if left == right { return true }
        guard let first = number(left), let second = number(right) else { return false }
        if first.isNaN || second.isNaN { return first.isNaN && second.isNaN }
        return abs(first - second) <= 1e-9 * max(1, abs(first), abs(second))
    }

    private static func number(_ value: Value) -> Double? {
        switch value {
        case .integer(let number): Double(number)
        case .float(let number): number
        default: nil
        }
    }
}

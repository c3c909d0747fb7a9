internal import Base
package import Expressions

/// Plans as text, for `EXPLAIN`: a line for each step, its inputs indented below.
package struct PlanPrinter {
    private var lines: [String] = []

    /// The one column that explanations have.
    package static let columns = [OutputColumn(name: "plan", type: .string)]

    /// Lines as rows.
    package static func batch(_ lines: [String]) -> Batch {
        Batch(
            columns: [Vector(type: .string, values: .strings(StringTable(lines)))],
            rowCount: lines.count)
    }

    /// The lines of a plan, with what was considered for it.
    package static func lines(of plan: LogicalPlan, _ choices: [RollupChoice]) -> [String] {
        var printer = PlanPrinter()
        printer.append(plan, depth: 0)
        for choice in choices { printer.append(choice) }
        return printer.lines
    }

    /// What the steps of a query cost.
    package static func lines(of statistics: SelectStatistics) -> [String] {
        var lines = statistics.operators.map { step in
            var line = indent(step.depth) + step.name
            line += "  rows \(step.rowsIn) -> \(step.rowsOut)"
            line += "  \(milliseconds(step.nanoseconds)) ms"
            guard let scan = step.scan else { return line }
            line += "  parts \(scan.partsRead) of \(scan.partsTotal)"
            line += "  granules \(scan.granulesRead) of \(scan.granulesTotal)"
            line += "  bytes \(scan.bytesRead)"
            return line
        }
        lines.append(
            "total  \(milliseconds(statistics.nanoseconds)) ms  rows scanned "
                + "\(statistics.rowsScanned)  bytes \(statistics.bytesRead)")
        return lines
    }

    private static func milliseconds(_ nanoseconds: UInt64) -> String {
        Literal.text(Double(nanoseconds / 1000) / 1000)
    }

    private static func indent(_ depth: Int) -> String { String(repeating: "  ", count: depth) }

    private mutating func append(_ plan: LogicalPlan, depth: Int) {
        lines.append(Self.indent(depth) + Self.title(plan))
        switch plan {
        case .scan, .oneRow: break
        case .filter(_, let input), .project(_, let input), .aggregate(_, _, let input),
            .window(_, let input), .sort(_, _, let input), .limit(_, _, let input),
            .distinct(let input):
            append(input, depth: depth + 1)
        case .union(let inputs): for input in inputs { append(input, depth: depth + 1) }
        }
    }

    private mutating func append(_ choice: RollupChoice) {
        if let obstacle = choice.obstacle {
            lines.append("table events: no rollup can answer, \(obstacle)")
        } else {
            lines.append("table \(choice.table)")
        }
        for segment in choice.explanation.segments {
            lines.append(
                "  from \(CivilTime(segment.range.lowerBound).text) to "
                    + "\(CivilTime(segment.range.upperBound).text): \(segment.table), about "
                    + "\(segment.rows + segment.rowsBeyond) rows")
        }
        for candidate in choice.explanation.candidates {
            guard let reason = candidate.reason else { continue }
            lines.append("  not \(candidate.table): \(reason)")
        }
    }

    // MARK: Steps

    private static func title(_ plan: LogicalPlan) -> String {
        switch plan {
        case .scan(let scan):
            var title = "scan \(scan.table): " + scan.columns.map(\.name).joined(separator: ", ")
            if let derived = scan.beyond { title += "; rows that \(derived) lacks" }
            if let range = scan.timeRange {
                title += "; time from \(bound(range.lowerBound)) to \(bound(range.upperBound))"
            }
            return title
        case .oneRow: return "one row"
        case .filter(let condition, let input): return "filter \(text(condition, names(input)))"
        case .project(let expressions, let input):
            return "project " + list(expressions, names(input))
        case .aggregate(let keys, let calls, let input):
            let names = names(input)
            let aggregates = calls.map { text($0, names) }.joined(separator: ", ")
            return keys.isEmpty
                ? "aggregate \(aggregates)"
                : "aggregate \(aggregates) by " + list(keys, names)
        case .window(let calls, let input):
            let names = names(input)
            return "window " + calls.map { text($0, names) }.joined(separator: ", ")
        case .sort(let keys, let limit, let input):
            let order = keys.map { key in
                text(key.expression, names(input)) + (key.isDescending ? " desc" : "")
                    + (key.nullsFirst ? " nulls first" : "")
            }.joined(separator: ", ")
            return "sort by \(order)" + (limit.map { ", first \($0)" } ?? "")
        case .limit(let count, let offset, _):
            return "limit \(count.map { "\($0)" } ?? "none")"
                + (offset > 0 ? " after \(offset)" : "")
        case .distinct: return "distinct"
        case .union(let inputs): return "union of \(inputs.count)"
        }
    }

    private static func bound(_ instant: Milliseconds) -> String {
        instant == .min || instant == .max ? "any" : CivilTime(instant).text
    }

    /// What the columns of a plan are called in the lines above it.
    private static func names(_ plan: LogicalPlan) -> [String] {
        switch plan {
        case .scan(let scan): return scan.columns.map(\.name)
        case .oneRow: return []
        case .filter(_, let input), .sort(_, _, let input), .limit(_, _, let input),
            .distinct(let input):
            return names(input)
        case .project(let expressions, let input):
            let below = names(input)
            return expressions.map { text($0, below) }
        case .aggregate(let keys, let calls, let input):
            let below = names(input)
            return keys.map { text($0, below) } + calls.map { text($0, below) }
        case .window(let calls, let input):
            let below = names(input)
            return below + calls.map { text($0, below) }
        case .union(let inputs): return inputs.first.map(names) ?? []
        }
    }

    // MARK: Expressions

    private static let lengthMax = 200

    private static func list(_ expressions: [Expression], _ names: [String]) -> String {
        expressions.map { text($0, names) }.joined(separator: ", ")
    }

    private static func text(_ expression: Expression, _ names: [String]) -> String {
        let whole = full(expression, names)
        return whole.count <= lengthMax ? whole : whole.prefix(lengthMax) + "…"
    }

    private static func full(_ expression: Expression, _ names: [String]) -> String {
        func all(_ operands: [Expression], _ separator: String) -> String {
            operands.prefix(20).map { text($0, names) }.joined(separator: separator)
                + (operands.count > 20 ? "\(separator)…" : "")
        }
        switch expression {
        case .constant(let value, _): return text(value)
        case .column(let index, _): return names.indices.contains(index) ? names[index] : "?"
        case .call(let call): return "\(call.name)(\(all(call.arguments, ", ")))"
        case .and(let operands): return "(\(all(operands, " and ")))"
        case .or(let operands): return "(\(all(operands, " or ")))"
        case .not(let operand): return "not \(text(operand, names))"
        case .isNull(let operand): return "\(text(operand, names)) is null"
        case .oneOf(let operand, let values, let hasNull):
            let shown = values.prefix(20).map(text) + (values.count > 20 ? ["…"] : [])
            let list = shown + (hasNull ? ["null"] : [])
            return "\(text(operand, names)) in (\(list.joined(separator: ", ")))"
        case .conditional(let branches, let otherwise, _):
            let cases = branches.map {
                "when \(text($0.condition, names)) then \(text($0.value, names)) "
            }.joined()
            return "case \(cases)else \(text(otherwise, names)) end"
        }
    }

    private static func text(_ value: Value) -> String {
        switch value {
        case .null: "null"
        case .boolean(let truth): "\(truth)"
        case .integer(let number): "\(number)"
        case .float(let number): Literal.text(number)
        case .string(let text): "'\(text)'"
        case .timestamp(let instant): CivilTime(instant).text
        case .date(let day):
            String(CivilTime(day &* CivilTime.millisecondsPerDay).text.prefix(10))
        case .interval(let months, let milliseconds): "\(months) months \(milliseconds) ms"
        }
    }

    private static func text(_ call: AggregateCall, _ names: [String]) -> String {
        var text = "\(call.function)"
        if !call.arguments.isEmpty { text += "(\(list(call.arguments, names)))" }
        if call.isDistinct { text += " of distinct rows" }
        if let filter = call.filter { text += " where \(self.text(filter, names))" }
        return text
    }

    private static func text(_ call: WindowCall, _ names: [String]) -> String {
        var text = "\(call.function)(\(list(call.arguments, names)))"
        if !call.partition.isEmpty { text += " partition by \(list(call.partition, names))" }
        if !call.order.isEmpty {
            text += " order by \(list(call.order.map(\.expression), names))"
        }
        return text
    }
}

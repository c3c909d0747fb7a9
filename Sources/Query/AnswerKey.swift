internal import Base
internal import Expressions
internal import PartFormat
package import Store

/// What decides the `data` of an answer: the question, and the version of the minutes that it asks
/// about.
///
/// Answers of one process with equal keys have equal `data`. The key is made without looking at any
/// row, in microseconds.
package struct AnswerKey: Sendable, Equatable {
    /// All of the query that shapes the answer's body but for its `meta`, and the definitions that
    /// the query names.
    package let question: [UInt8]
    /// Changes with each event in the range, each loss, what retention leaves of the range, and
    /// each start of the process.
    package let version: [UInt8]

    /// The key of what the bytes stand for.
    package init(question: [UInt8], version: [UInt8]) {
        self.question = question
        self.version = version
    }

    /// The key as a weak entity tag.
    ///
    /// Weak, as bodies with the same `data` may differ in their `meta` and their coding.
    package var entityTag: String {
        var bytes = ByteWriter(reserving: question.count + version.count + 16)
        bytes.appendVarint(question.count)
        bytes.append(question)
        bytes.append(version)
        let halves = unsafe bytes.bytes.withUnsafeBytes { bytes in
            unsafe [hash64(bytes, seed: 1), hash64(bytes, seed: 2)]
        }
        let digits = halves.map { half in
            let text = String(half, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }
        return "W/\"\(digits.joined())\""
    }
}

extension MetricsQuery {
    /// The key of the answer that the query has at the instant of the view; nil where the metric
    /// has no rollup, and of an answer that explains itself: that changes with every merge.
    ///
    /// An answer that turns out to be partial has no key.
    package func answerKey(catalog: Catalog, on view: StoreView) -> AnswerKey? {
        guard !explains, let rollup = catalog.rollup(named: metric.rollup) else { return nil }
        let table = rollup.schema(corrections: false).name
        var version = ByteWriter(reserving: 64)
        version.appendFixed(view.epoch)
        let held = HeldRange(of: self, rollup, on: view)
        let range = held.range
        version.appendFixed(view.eventsReceived(table: table, over: range))
        version.appendFixed(range.lowerBound)
        version.appendFixed(range.upperBound)
        version.appendFixed(held.since ?? .min)
        version.appendZigzag(lastFilledBucket ?? .min)
        let tables = view.losses.isEmpty ? [] : tablesOfAnswers(rollup)
        for loss in view.losses where tables.contains(loss.table) {
            guard loss.timeRange?.overlaps(range) ?? true else { continue }
            version.append(loss.file)
        }
        return AnswerKey(question: question(rollup), version: version.bytes)
    }

    /// All tables that may answer, and the empty name of losses that may be of any.
    private func tablesOfAnswers(_ rollup: RollupDefinition) -> Set<String> {
        if needsRawRows { return [MetricsPlan.rawTable, ""] }
        let bases = [false, true].map { rollup.schema(corrections: $0).name }
        return Set(rollup.derivedTables.map(\.name) + bases + [""])
    }

    /// With `fill=zero`, the last bucket that is filled: all that the time at which the query is
    /// asked changes about the answer.
    private var lastFilledBucket: Milliseconds? {
        let last = min(range.upperBound - 1, now)
        guard fill == .zero, range.lowerBound <= last else { return nil }
        return timeBuckets?.start(of: last) ?? range.lowerBound
    }

    private func question(_ rollup: RollupDefinition) -> [UInt8] {
        var writer = ByteWriter(reserving: 256)
        appendShape(to: &writer)
        writer.append(rollup)
        writer.appendFixed(range.lowerBound)
        writer.appendFixed(range.upperBound)
        writer.append(selection.order.rawValue)
        writer.appendVarint(selection.limit ?? 0)
        writer.append(selection.addsOther ? 1 : 0 as UInt8)
        writer.append(fill.rawValue)
        writer.append(format.rawValue)
        return writer.bytes
    }

    /// All that decides into which groups rows fall and what is added up of them, but the range.
    func appendShape(to writer: inout ByteWriter) {
        writer.append(metric)
        writer.append(dimensions)
        writer.append(granularity.name)
        // The rules of a zone stay as they were when the process first read them.
        writer.append(zone?.name ?? "")
        writer.appendVarint(filters.count)
        for filter in filters {
            writer.append(filter.dimension)
            writer.append(filter.predicate)
        }
    }
}

// Every value is written so that its end is known: counts and lengths come first.
extension ByteWriter {
    fileprivate mutating func append(_ texts: [String]) {
        appendVarint(texts.count)
        for text in texts { append(text) }
    }

    fileprivate mutating func append(_ text: String?) {
        append(text.map { [$0] } ?? [])
    }

    fileprivate mutating func append(_ metric: MetricDefinition) {
        append(metric.name)
        append(metric.aggregate.rawValue)
        append(metric.eventType)
        append(metric.field)
        append(metric.dimensions)
        append(metric.rollup)
        append(metric.column)
    }

    fileprivate mutating func append(_ rollup: RollupDefinition) {
        append(rollup.name)
        append(rollup.eventType)
        append(rollup.dimensions)
        append(rollup.countsUsers ? 1 : 0 as UInt8)
    }

    fileprivate mutating func append(_ predicate: Predicate) {
        switch predicate {
        case .isNull: append(0 as UInt8)
        case .oneOf(let literals):
            append(1 as UInt8)
            appendVarint(literals.count)
            for literal in literals { append(literal) }
        case .prefix(let text):
            append(2 as UInt8)
            append(text)
        case .contains(let text):
            append(3 as UInt8)
            append(text)
        case .range(let bounds):
            append(4 as UInt8)
            appendFixed(bounds.lowerBound)
            appendFixed(bounds.upperBound)
        case .not(let inner):
            append(5 as UInt8)
            append(inner)
        case .any(let parts):
            append(6 as UInt8)
            appendVarint(parts.count)
            for part in parts { append(part) }
        }
    }

    fileprivate mutating func append(_ literal: Literal) {
        switch literal {
        case .string: append(0 as UInt8)
        case .integer: append(1 as UInt8)
        case .float: append(2 as UInt8)
        case .boolean: append(3 as UInt8)
        }
        append(literal.text)
    }
}

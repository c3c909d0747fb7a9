package import Base

/// What `explain=1` shows: the tables that were considered, and what is read of those chosen.
package struct MetricsExplanation: Sendable {
    /// A table that was considered.
    package struct Candidate: Sendable {
        /// The table.
        package var table: String
        /// About how many rows an answer by it reads, in all segments; nil if it cannot answer.
        package var rows: Int?
        /// Why it was not chosen; nil for the one that was.
        package var reason: String?
    }

    /// A stretch of the range and the table that answers it.
    package struct Segment: Sendable {
        /// The table.
        package var table: String
        /// From where to where it answers.
        package var range: Range<Milliseconds>
        /// About how many rows are read of the table.
        package var rows: Int
        /// About how many rows are read of its base, as the table does not contain them yet.
        package var rowsBeyond: Int
    }

    /// In the order in which the first of equal cost is taken.
    package var candidates: [Candidate] = []
    /// In the order of time.
    package var segments: [Segment] = []
    /// Those of late events.
    package var corrections: [Segment] = []

    func write(into writer: inout JSONWriter, text: (Milliseconds) -> String) {
        writer.beginObject()
        writer.key("candidates")
        writer.beginArray()
        for candidate in candidates {
            writer.beginObject()
            writer.field("table", candidate.table)
            writer.field("qualifies", candidate.rows != nil)
            if let rows = candidate.rows { writer.field("rows", rows) }
            writer.field("chosen", candidate.reason == nil)
            if let reason = candidate.reason { writer.field("reason", reason) }
            writer.endObject()
        }
        writer.endArray()
        Self.write("segments", segments, into: &writer, text)
        Self.write("corrections", corrections, into: &writer, text)
        writer.endObject()
    }

    private static func write(
        _ name: String, _ segments: [Segment], into writer: inout JSONWriter,
        _ text: (Milliseconds) -> String
    ) {
        writer.key(name)
        writer.beginArray()
        for segment in segments {
            writer.beginObject()
            writer.field("table", segment.table)
            writer.field("start", text(segment.range.lowerBound))
            writer.field("end", text(segment.range.upperBound))
            writer.field("rows", segment.rows)
            writer.field("rowsBeyond", segment.rowsBeyond)
            writer.endObject()
        }
        writer.endArray()
    }
}

extension MetricsExplanation.Segment {
    init(_ segment: MetricsPlan.Segment) {
        self.init(
            table: segment.table, range: segment.range, rows: segment.rows,
            rowsBeyond: segment.rowsBeyond)
    }
}

internal import Base
internal import Expressions
internal import PartFormat
internal import Store

/// How a metrics query is answered: which parts of which tables are read, for which time each.
///
/// The range is cut into segments, each answered by one table and by what that table does not
/// contain of its base yet; late events are planned apart, by the corrections' tables. The rows of
/// all segments together are the rows of the range, each once.
struct MetricsPlan: Sendable {
    /// The column that counts events in every rollup.
    static let countColumn = "events"
    static let timeColumn = "bucket"
    /// The table of the events themselves.
    static let rawTable = LiveGeneration.rawTable

    /// A stretch of time and the table that answers it.
    struct Segment: Sendable {
        var table: String
        var range: Range<Milliseconds>
        /// The table's parts, then those of its base that it does not contain.
        var parts: [PartEstimate] = []
        /// About how many rows are read of the table.
        var rows = 0
        /// About how many rows are read of the base beside it.
        var rowsBeyond = 0
        var partCount = 0
    }

    /// One part to be read for one stretch of time.
    struct Scan: Sendable {
        var part: any TablePart
        var range: Range<Milliseconds>
        var areCorrections: Bool
    }

    var query: MetricsQuery
    /// The table that answers the core of the range.
    var table: String
    /// In the order of time.
    var segments: [Segment]
    var corrections: [Segment]
    /// Whether rows are events, which say themselves whether they were late.
    var isRaw = false
    /// The tables whose losses make the answer partial, beside those that are read.
    var sources: [String]
    var explanation = MetricsExplanation()

    /// The parts to be read: in the order of time, so that those come first whose buckets an
    /// answer that is cut off has; late events last.
    var scans: [Scan] {
        let onTime = segments.flatMap { segment in
            segment.parts.map { (segment.range, $0) }
        }.sorted { left, right in
            max(left.0.lowerBound, left.1.timeRange.lowerBound)
                < max(right.0.lowerBound, right.1.timeRange.lowerBound)
        }
        return onTime.map { Scan(part: $0.1.part, range: $0.0, areCorrections: false) }
            + corrections.flatMap { segment in
                segment.parts.map { estimate in
                    Scan(part: estimate.part, range: segment.range, areCorrections: true)
                }
            }
    }

    /// Whether lost rows may have been among those that the query asks for.
    ///
    /// Those of no known table may be of any.
    func touches(_ loss: LostRows) -> Bool {
        guard loss.table.isEmpty || sources.contains(loss.table) || isRead(loss.table) else {
            return false
        }
        guard let lost = loss.timeRange else { return true }
        return lost.overlaps(query.range)
    }

    private func isRead(_ table: String) -> Bool {
        segments.contains { $0.table == table } || corrections.contains { $0.table == table }
    }
}

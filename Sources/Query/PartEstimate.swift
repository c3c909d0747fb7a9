internal import Base
internal import PartFormat
internal import Store

/// A part, and how many of its rows a query would read.
struct PartEstimate: Sendable {
    let part: any TablePart
    let timeRange: ClosedRange<Milliseconds>
    /// The rows of the granules whose zones meet the filters.
    private let rowCount: Int
    /// Whether rows that follow each other follow in time, so that few granules hold a short time.
    private let isTimeSorted: Bool

    /// Nil for a part without rows.
    init?(_ part: any TablePart, _ filters: [MetricsQuery.Filter]) {
        guard let timeRange = part.timeRange else { return nil }
        self.part = part
        self.timeRange = timeRange
        isTimeSorted =
            part.schema.sortKey.first == part.schema.timeColumn && part.granuleCount > 1
        rowCount = Self.matchingRows(of: part, filters)
    }

    /// About how many rows are read for a stretch of time.
    func rows(in range: Range<Milliseconds>) -> Int {
        guard timeRange.overlaps(range) else { return 0 }
        guard isTimeSorted else { return rowCount }
        let overlap = range.clamped(to: timeRange.lowerBound..<timeRange.upperBound + 1)
        let share =
            Double(overlap.upperBound - overlap.lowerBound)
            / Double(timeRange.upperBound - timeRange.lowerBound + 1)
        return Int((Double(rowCount) * share).rounded(.up))
    }

    /// Zones are looked at only where rows are sorted by a filter's column: elsewhere nearly every
    /// granule has nearly every value.
    private static func matchingRows(
        of part: any TablePart, _ filters: [MetricsQuery.Filter]
    ) -> Int {
        guard let first = part.schema.sortKey.first, part.granuleCount > 1,
            let filter = filters.first(where: { $0.dimension == first }),
            let column = part.schema.columnIndex(first)
        else { return part.rowCount }
        return (0..<part.granuleCount).reduce(0) { sum, granule in
            let rows = part.rowCount(granule: granule)
            guard let zone = part.zone(column: column, granule: granule) else { return sum + rows }
            return Pruning.canMatch(filter.predicate, zone, rowCount: rows) ? sum + rows : sum
        }
    }
}

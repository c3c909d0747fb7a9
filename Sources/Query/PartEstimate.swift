internal import Base
internal import Expressions
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

    /// Nil for a part without rows in the range.
    init?(
        _ part: any TablePart, _ filters: [MetricsQuery.Filter], in range: Range<Milliseconds>
    ) {
        guard let timeRange = part.timeRange, timeRange.overlaps(range) else { return nil }
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
            let column = part.schema.columnIndex(first),
            let spans = spans(filter.predicate), let last = spans.last
        else { return part.rowCount }
        var granules: Set<Int> = []
        // Two of many stand for all.
        let sample = spans.count > 2 ? [spans[0], last] : spans
        for span in sample {
            var granule = firstGranule(of: part, column, reaching: span.least)
            while granule < part.granuleCount,
                let zone = part.zone(column: column, granule: granule),
                Pruning.canMatch(span.predicate, zone, rowCount: part.rowCount(granule: granule))
            {
                granules.insert(granule)
                granule += 1
            }
        }
        let sampled = granules.reduce(0) { $0 + part.rowCount(granule: $1) }
        return min(part.rowCount, sampled * spans.count / sample.count)
    }

    /// Values that lie together, from a least one on.
    private struct Span {
        var least: [UInt8]
        var predicate: Predicate
    }

    /// Nil for conditions that values all over the order meet.
    private static func spans(_ predicate: Predicate) -> [Span]? {
        switch predicate {
        case .oneOf(let literals):
            return literals.map {
                Span(least: Array($0.text.utf8), predicate: .oneOf([$0]))
            }
        case .prefix(let prefix):
            return [Span(least: Array(prefix.utf8), predicate: predicate)]
        case .isNull, .contains, .range, .not, .any: return nil
        }
    }

    /// The first granule with a value that is not less, by halving: the rows are sorted.
    private static func firstGranule(
        of part: any TablePart, _ column: Int, reaching least: [UInt8]
    ) -> Int {
        var low = 0
        var high = part.granuleCount
        while low < high {
            let middle = (low + high) / 2
            let isBefore =
                switch part.zone(column: column, granule: middle)?.bounds {
                case .empty: true
                case .strings(_, let greatest): greatest.lexicographicallyPrecedes(least)
                default: false
                }
            if isBefore { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

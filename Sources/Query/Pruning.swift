internal import Base
internal import Expressions
internal import PartFormat
internal import Store

/// Which granules of a part can hold rows that count, as far as zones tell without reading.
enum Pruning {
    /// The granules of a part that can hold such rows.
    static func granules(
        of part: any TablePart, _ layout: ScanLayout, _ filters: [MetricsQuery.Filter],
        in range: Range<Milliseconds>
    ) -> [Int] {
        guard let times = part.timeRange, times.overlaps(range) else { return [] }
        return (0..<part.granuleCount).filter { granule in
            canMatch(part, granule, layout, filters, range)
        }
    }

    /// Those of the granules that a part's filters and dictionaries do not rule out, either.
    ///
    /// They are asked for conditions that name the values, and read from the disk.
    static func granules(
        _ granules: [Int], of part: any TablePart, _ layout: ScanLayout,
        _ filters: [MetricsQuery.Filter]
    ) throws(StoreError) -> [Int] {
        var kept = granules
        for (filter, column) in zip(filters, layout.filters) {
            guard let column, case .oneOf(let literals) = filter.predicate, !kept.isEmpty else {
                continue
            }
            kept = try part.granules(
                kept, column: column, holdingAny: literals.map { Array($0.text.utf8) })
        }
        return kept
    }

    /// Whether all rows of a granule lie in the range, as far as it is known.
    static func isWithin(
        _ range: Range<Milliseconds>, _ part: any TablePart, _ granule: Int, _ layout: ScanLayout,
        _ partTimes: ClosedRange<Milliseconds>
    ) -> Bool {
        if range.contains(partTimes.lowerBound), range.contains(partTimes.upperBound) {
            return true
        }
        guard let zone = part.zone(column: layout.time, granule: granule),
            case .integers(let bounds) = zone.bounds
        else { return false }
        return range.contains(bounds.lowerBound) && range.contains(bounds.upperBound)
    }

    private static func canMatch(
        _ part: any TablePart, _ granule: Int, _ layout: ScanLayout,
        _ filters: [MetricsQuery.Filter], _ range: Range<Milliseconds>
    ) -> Bool {
        if let zone = part.zone(column: layout.time, granule: granule),
            case .integers(let bounds) = zone.bounds, !bounds.overlaps(range)
        {
            return false
        }
        for (filter, column) in zip(filters, layout.filters) {
            guard let column, let zone = part.zone(column: column, granule: granule) else {
                continue
            }
            let rowCount = part.rowCount(granule: granule)
            if !canMatch(filter.predicate, zone, rowCount: rowCount) { return false }
        }
        return true
    }

    /// Whether a value within the zone can meet the condition; true where it is not known.
    static func canMatch(_ predicate: Predicate, _ zone: Zone, rowCount: Int) -> Bool {
        switch predicate {
        case .isNull:
            return zone.nullCount > 0
        case .any(let parts):
            return parts.contains { canMatch($0, zone, rowCount: rowCount) }
        case .not:
            return true
        case .oneOf(let literals):
            return literals.contains { literal in
                let text = Array(literal.text.utf8)
                return overlaps(zone, least: text, greatest: text)
            }
        case .prefix(let prefix):
            // All texts with a prefix lie between it and it followed by the greatest bytes.
            let least = Array(prefix.utf8)
            return overlaps(zone, least: least, greatest: nil, prefix: least)
        case .contains, .range:
            return zone.bounds != .empty
        }
    }

    private static func overlaps(
        _ zone: Zone, least: [UInt8], greatest: [UInt8]?, prefix: [UInt8] = []
    ) -> Bool {
        switch zone.bounds {
        case .empty: return false
        case .strings(let zoneLeast, let zoneGreatest):
            if zoneGreatest.lexicographicallyPrecedes(least) { return false }
            if let greatest { return !greatest.lexicographicallyPrecedes(zoneLeast) }
            return zoneLeast.starts(with: prefix) || !prefix.lexicographicallyPrecedes(zoneLeast)
        case .integers, .floats, .unknown: return true
        }
    }
}

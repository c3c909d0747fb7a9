internal import Aggregates
internal import Base
internal import Expressions
internal import Store

/// What one part adds to a query: one row for each group, to be added up like rows of a part.
struct Subtotal: Sendable {
    /// All rows count.
    let rows: SelectedRows
    /// Where their columns stand: dimensions, then time, then the measure.
    let layout: ScanLayout
    /// How many late events are among the rows of the part.
    let corrections: Int64
    /// The memory that it holds.
    let byteCount: Int

    /// What has been added up of the rows that the key names.
    init(of aggregation: MetricsAggregation, _ key: SubtotalKey) {
        let keys = aggregation.keys
        let groups = 0..<keys.count
        let dimensions = keys.dimensions.indices
        var vectors: [Vector?] = []
        var byteCount = groups.count * 16
        for dimension in dimensions {
            let codes = groups.map { keys.code(tuple: keys.tuple(group: $0), dimension: dimension) }
            let values = keys.dimensions[dimension].values
            vectors.append(Vector(type: .string, values: .codes(codes, dictionary: values)))
            byteCount += groups.count * 4 + values.byteCount
        }
        // A bucket may begin before its rows, and before the range of the next who asks.
        let times = groups.map { max(keys.bucket(group: $0), key.lowerBound) }
        vectors.append(Vector(type: .timestamp, values: .integers(times)))
        var rows = SelectedRows(rows: nil, rowCount: groups.count, vectors: vectors)
        switch aggregation.aggregate {
        case .count:
            rows.vectors.append(Vector(type: .integer, values: .integers(aggregation.counts)))
        case .uniq:
            rows.vectors.append(nil)
            rows.sketches = aggregation.sketches
            rows.estimates = aggregation.sketches.map { $0.estimate() }
            byteCount += aggregation.sketchBytes + groups.count * 48
        }
        self.rows = rows
        layout = ScanLayout(
            dimensions: dimensions.map { $0 }, filters: [], time: dimensions.count,
            measure: dimensions.count + 1, events: nil, late: nil)
        corrections = aggregation.corrections
        self.byteCount = byteCount
    }
}

/// What a subtotal is of.
///
/// Parts never change, so neither does a subtotal.
struct SubtotalKey: Hashable, Sendable {
    /// The file of the part: no other ever has its name.
    let file: String
    let areCorrections: Bool
    /// As far as the part has rows: what lies beyond makes no difference.
    let lowerBound: Milliseconds
    let upperBound: Milliseconds
    /// All of the query that decides into which groups rows fall.
    let shape: [UInt8]

    init(_ part: Part, _ scan: MetricsPlan.Scan, shape: [UInt8]) {
        file = part.file
        areCorrections = scan.areCorrections
        let times = part.timeRange ?? 0...0
        lowerBound = max(scan.range.lowerBound, times.lowerBound)
        upperBound = min(scan.range.upperBound, times.upperBound + 1)
        self.shape = shape
    }

    var byteCount: Int { file.utf8.count + shape.count + 64 }
}

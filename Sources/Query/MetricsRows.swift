internal import Base
internal import Expressions

/// The rows of an answer in order: by bucket, then by dimensions, nulls first, texts by their
/// bytes.
struct MetricsRows {
    private(set) var buckets: [Milliseconds] = []
    private(set) var tuples: [Int] = []
    /// By row; nil for a bucket in which nothing happened.
    private(set) var groups: [Int?] = []
    /// Whether rows were cut off at the limit.
    private(set) var isTruncated = false

    private let limit: Int

    /// A group and where it belongs.
    private struct Cell {
        var bucket: Milliseconds
        var place: Int
        var group: Int
    }

    /// The rows of those groups, and of the empty buckets between them if the query wants them.
    init(of groups: [Int], _ keys: GroupKeys, _ query: MetricsQuery, limit: Int) {
        self.limit = limit
        let places = MetricsOrder.tuplePlaces(of: groups, keys)
        let cells = MetricsOrder.sorted(groups, keys, places: places).map { group in
            Cell(
                bucket: keys.bucket(group: group), place: places[keys.tuple(group: group)],
                group: group)
        }
        switch query.fill {
        case .none: append(cells[...], keys)
        case .zero: append(cells, keys, places, filling: query)
        }
    }

    private mutating func append(_ cells: ArraySlice<Cell>, _ keys: GroupKeys) {
        for cell in cells {
            append(cell.bucket, keys.tuple(group: cell.group), cell.group)
            if isTruncated { return }
        }
    }

    private mutating func append(
        _ cells: [Cell], _ keys: GroupKeys, _ places: [Int], filling query: MetricsQuery
    ) {
        // Without dimensions there is one combination, even of no rows at all.
        let tuples =
            query.dimensions.isEmpty
            ? [0]
            : Set(cells.map { keys.tuple(group: $0.group) }).sorted { places[$0] < places[$1] }
        guard !tuples.isEmpty else { return }
        var waiting = cells[...]
        for bucket in Self.bucketsToFill(query, limit: limit) {
            let passed = waiting.prefix { $0.bucket < bucket }
            append(passed, keys)
            waiting = waiting.dropFirst(passed.count)
            for tuple in tuples where !isTruncated {
                if let cell = waiting.first, cell.bucket == bucket, cell.place == places[tuple] {
                    append(bucket, tuple, cell.group)
                    waiting = waiting.dropFirst()
                } else {
                    append(bucket, tuple, nil)
                }
            }
            if isTruncated { return }
        }
        append(waiting, keys)
    }

    private mutating func append(_ bucket: Milliseconds, _ tuple: Int, _ group: Int?) {
        guard groups.count < limit else {
            isTruncated = true
            return
        }
        buckets.append(bucket)
        tuples.append(tuple)
        groups.append(group)
    }

    /// The buckets of the range up to now; no more than one beyond what the answer has room for.
    private static func bucketsToFill(_ query: MetricsQuery, limit: Int) -> [Milliseconds] {
        let end = min(query.range.upperBound, query.now + 1)
        guard query.range.lowerBound < end else { return [] }
        guard let timeBuckets = query.timeBuckets else { return [query.range.lowerBound] }
        var buckets: [Milliseconds] = []
        var bucket = timeBuckets.start(of: query.range.lowerBound)
        while bucket < end, buckets.count <= limit {
            buckets.append(bucket)
            bucket = timeBuckets.next(after: bucket)
        }
        return buckets
    }
}

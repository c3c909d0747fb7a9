internal import Base
internal import Expressions

/// Turns rows into numbers of groups: one group for each bucket and combination of dimensions.
///
/// The codes of the dimensions become the number of a *tuple*, pair by pair: each further dimension
/// numbers the pairs (its code, tuple so far). Bucket and tuple together are the group's key. So
/// every step is a look-up of one pair (`PairMap`), whatever the number of dimensions.
struct GroupKeys: Sendable {
    /// Which tuples groups are made of; of the others a single one is made, or none.
    struct Restriction: Sendable {
        /// By tuple.
        var isKept: [Bool]
        /// Stands for all that are not kept; nil drops them.
        var other: Int?
        /// Tells one restriction from another, whatever the numbers of tuples.
        var mark: [UInt8] = []
    }

    private var buckets: BucketNumbers
    private(set) var dimensions: [DimensionCodes]
    /// For each dimension but the first: the pairs of its code and a tuple of those before it.
    private var pairs: [PairMap]
    private var groups: PairMap
    private var restriction: Restriction?

    // Reused for every granule.
    private var codes: [UInt32] = []
    private var tuples: [UInt32] = []
    private var bucketNumbers: [UInt32] = []

    init(_ query: MetricsQuery, _ limits: QueryLimits) {
        buckets = BucketNumbers(
            query.timeBuckets, range: query.range, minutesMax: limits.directMinutes)
        dimensions = query.dimensions.map { _ in DimensionCodes() }
        groups = PairMap(cellsMax: limits.directCells)
        pairs = query.dimensions.dropFirst().map { _ in PairMap(cellsMax: limits.directCells) }
    }

    /// Keys of another query with the same dimensions, whose tuples keep their numbers.
    init(
        _ query: MetricsQuery, _ limits: QueryLimits, tuplesOf other: GroupKeys,
        _ restriction: Restriction?
    ) {
        self.init(query, limits)
        dimensions = other.dimensions
        pairs = other.pairs
        self.restriction = restriction
    }

    var count: Int { groups.count }

    /// Equal for queries whose rows fall into the same groups.
    func shape(of query: MetricsQuery) -> [UInt8] {
        var writer = ByteWriter(reserving: 256)
        query.appendShape(to: &writer)
        if let restriction { writer.append(restriction.mark) }
        return writer.bytes
    }

    /// Writes the number of the group of each row; numbers count from 0.
    ///
    /// `rows` are the chosen ones, nil is all; those whose tuple is dropped are taken out.
    mutating func groups(
        of vectors: [Vector?], times: [Milliseconds]?, rows: inout [UInt32]?, rowCount: Int,
        into result: inout [UInt32]
    ) {
        computeTuples(vectors, rows, rowCount)
        restrict(&rows)
        if dimensions.isEmpty, times == nil {
            // One group, number 0.
            if !tuples.isEmpty { _ = groups.number(major: 0, minor: 0) }
            swap(&result, &tuples)
            return
        }
        if let times {
            buckets.number(times, rows: rows, into: &bucketNumbers)
        } else {
            resize(&bucketNumbers, to: tuples.count)
            for index in bucketNumbers.indices { bucketNumbers[index] = 0 }
        }
        groups.number(bucketNumbers, tuples, into: &result)
    }

    /// The bucket of a group.
    func bucket(group: Int) -> Milliseconds { buckets.starts[bucketNumber(group: group)] }

    func bucketNumber(group: Int) -> Int { Int(groups.majors[group]) }

    /// By number of a bucket: where it starts.
    var bucketStarts: [Milliseconds] { buckets.starts }

    /// The tuple of a group.
    func tuple(group: Int) -> Int { Int(groups.minors[group]) }

    /// The group of a bucket and a tuple, made now if no row fell into it.
    mutating func makeGroup(bucket: Milliseconds, tuple: Int) -> Int {
        groups.number(major: UInt32(buckets.number(start: bucket)), minor: UInt32(tuple))
    }

    /// Forgets all groups but these, which are numbered anew in that order.
    mutating func keep(_ kept: [Int]) { groups.keep(kept) }

    /// The tuple that has this text in each dimension, made now if no row has it.
    mutating func makeTuple(of text: String) -> Int {
        let bytes = Array(text.utf8)
        var tuple: UInt32 = 0
        for index in dimensions.indices {
            let code = dimensions[index].code(of: bytes[...])
            tuple =
                index == 0
                ? code : UInt32(pairs[index - 1].number(major: code, minor: tuple))
        }
        return Int(tuple)
    }

    /// How many numbers tuples have; not all need occur.
    var tupleCount: Int {
        if let last = pairs.last { return last.count }
        return dimensions.first.map { $0.values.count + 1 } ?? 1
    }

    /// The code of a tuple in one dimension.
    func code(tuple: Int, dimension: Int) -> UInt32 {
        var rest = tuple
        for index in pairs.indices.reversed() {
            if index + 1 == dimension { return pairs[index].majors[rest] }
            rest = Int(pairs[index].minors[rest])
        }
        return UInt32(rest)
    }

    /// Whether a tuple comes before another: dimension by dimension, nulls first, texts by bytes.
    func precedes(tuple left: Int, _ right: Int) -> Bool {
        for index in dimensions.indices {
            let mine = Int(code(tuple: left, dimension: index))
            let theirs = Int(code(tuple: right, dimension: index))
            if mine == theirs { continue }
            if mine == 0 || theirs == 0 { return mine == 0 }
            let values = dimensions[index].values
            return values.precedes(mine - 1, values, theirs - 1)
        }
        return false
    }

    private mutating func computeTuples(
        _ vectors: [Vector?], _ rows: [UInt32]?, _ rowCount: Int
    ) {
        guard !dimensions.isEmpty else {
            resize(&tuples, to: rows?.count ?? rowCount)
            for index in tuples.indices { tuples[index] = 0 }
            return
        }
        dimensions[0].translate(vectors[0], rows: rows, rowCount: rowCount, into: &tuples)
        for index in pairs.indices {
            dimensions[index + 1].translate(
                vectors[index + 1], rows: rows, rowCount: rowCount, into: &codes)
            let before = tuples
            pairs[index].number(codes, before, into: &tuples)
        }
    }

    private mutating func restrict(_ rows: inout [UInt32]?) {
        guard let restriction else { return }
        if let other = restriction.other {
            for index in tuples.indices where !isKept(tuples[index], restriction) {
                tuples[index] = UInt32(other)
            }
            return
        }
        var keptRows: [UInt32] = []
        var kept = 0
        for index in tuples.indices where isKept(tuples[index], restriction) {
            keptRows.append(rows?[index] ?? UInt32(index))
            tuples[kept] = tuples[index]
            kept += 1
        }
        tuples.removeLast(tuples.count - kept)
        rows = keptRows
    }

    private func isKept(_ tuple: UInt32, _ restriction: Restriction) -> Bool {
        Int(tuple) < restriction.isKept.count && restriction.isKept[Int(tuple)]
    }
}

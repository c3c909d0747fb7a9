internal import Base
internal import Expressions

/// Turns rows into numbers of groups: one group for each bucket and combination of dimensions.
///
/// The codes of the dimensions become the number of a *tuple*, pair by pair: each further
/// dimension numbers the pairs (tuple so far, code). Tuple and bucket together are the group's key.
/// So every step is a look-up of one 64-bit integer, whatever the number of dimensions.
struct GroupKeys: Sendable {
    /// A tuple has 25 bits and a bucket 39, in seconds from `origin`: 17,000 years.
    ///
    /// In seconds, for the clocks of zones once went by the sun.
    private static let bucketBits: UInt64 = 39
    private static let bucketUnit: Milliseconds = 1_000
    /// Before every bucket: the month and the offset in which the first instant lies start later.
    private static let origin =
        TimeExpression.limits.lowerBound - 40 * CivilTime.millisecondsPerDay
    /// More tuples than the key has room for; far beyond what limits let a query have.
    static let tupleLimit = 1 << 25

    /// Nil where the whole range is one bucket.
    private let timeBuckets: TimeBuckets?
    /// The only bucket then.
    private let rangeStart: Milliseconds
    private(set) var dimensions: [DimensionCodes]
    /// For each dimension but the first: the pairs of a tuple of those before it and its code.
    private var pairs: [IntegerMap]
    private var groups = IntegerMap()

    // Reused for every granule.
    private var codes: [UInt32] = []
    private var tuples: [UInt64] = []
    private var buckets: [Milliseconds] = []

    init(_ query: MetricsQuery) {
        timeBuckets = query.timeBuckets
        rangeStart = query.range.lowerBound
        dimensions = query.dimensions.map { _ in DimensionCodes() }
        pairs = query.dimensions.dropFirst().map { _ in IntegerMap() }
    }

    var count: Int { groups.count }

    /// Writes the number of the group of each row; numbers count from 0.
    mutating func groups(
        of vectors: [Vector?], times: [Milliseconds], rows: [UInt32], into result: inout [Int]
    ) {
        computeTuples(vectors, rows)
        computeBuckets(times, rows)
        result.removeAll(keepingCapacity: true)
        // Rows of one group often follow each other.
        var lastKey: UInt64?
        var lastGroup = 0
        for index in rows.indices {
            let key = Self.key(tuples[index], buckets[index])
            if key != lastKey {
                lastKey = key
                lastGroup = groups.index(of: key)
            }
            result.append(lastGroup)
        }
    }

    /// The bucket of a group.
    func bucket(group: Int) -> Milliseconds {
        let units = groups.keys[group] & (1 &<< Self.bucketBits - 1)
        return Self.origin + Milliseconds(units) * Self.bucketUnit
    }

    /// The group of a bucket and a tuple, made now if no row fell into it.
    mutating func makeGroup(bucket: Milliseconds, tuple: Int) -> Int {
        groups.index(of: Self.key(UInt64(tuple), bucket))
    }

    /// The tuple that has this text in each dimension, made now if no row has it.
    mutating func makeTuple(of text: String) -> Int {
        let bytes = Array(text.utf8)
        var tuple: UInt64 = 0
        for index in dimensions.indices {
            let code = UInt64(dimensions[index].code(of: bytes[...]))
            tuple =
                index == 0 ? code : UInt64(pairs[index - 1].index(of: tuple &<< 32 | code))
        }
        return Int(tuple)
    }

    private static func key(_ tuple: UInt64, _ bucket: Milliseconds) -> UInt64 {
        tuple &<< bucketBits | UInt64((bucket - origin) / bucketUnit)
    }

    /// The tuple of a group.
    func tuple(group: Int) -> Int { Int(groups.keys[group] &>> Self.bucketBits) }

    /// How many numbers tuples have; not all need occur.
    var tupleCount: Int {
        if let last = pairs.last { return last.count }
        return dimensions.first.map { $0.values.count + 1 } ?? 1
    }

    /// The codes of a tuple, one a dimension.
    func codes(tuple: Int) -> [UInt32] {
        guard !dimensions.isEmpty else { return [] }
        var codes = [UInt32](repeating: 0, count: dimensions.count)
        var rest = tuple
        for index in pairs.indices.reversed() {
            let pair = pairs[index].keys[rest]
            codes[index + 1] = UInt32(truncatingIfNeeded: pair)
            rest = Int(pair &>> 32)
        }
        codes[0] = UInt32(rest)
        return codes
    }

    private mutating func computeTuples(_ vectors: [Vector?], _ rows: [UInt32]) {
        tuples.removeAll(keepingCapacity: true)
        guard !dimensions.isEmpty else {
            tuples.append(contentsOf: repeatElement(0, count: rows.count))
            return
        }
        dimensions[0].translate(vectors[0], rows: rows, into: &codes)
        for code in codes { tuples.append(UInt64(code)) }
        for index in pairs.indices {
            dimensions[index + 1].translate(vectors[index + 1], rows: rows, into: &codes)
            Self.pair(&tuples, with: codes, in: &pairs[index])
        }
        invariant(tupleCount <= Self.tupleLimit, "\(tupleCount) combinations of dimensions")
    }

    private static func pair(
        _ tuples: inout [UInt64], with codes: [UInt32], in pairs: inout IntegerMap
    ) {
        var lastPair: UInt64?
        var lastTuple: UInt64 = 0
        for index in tuples.indices {
            let pair = tuples[index] &<< 32 | UInt64(codes[index])
            if pair != lastPair {
                lastPair = pair
                lastTuple = UInt64(pairs.index(of: pair))
            }
            tuples[index] = lastTuple
        }
    }

    private mutating func computeBuckets(_ times: [Milliseconds], _ rows: [UInt32]) {
        buckets.removeAll(keepingCapacity: true)
        guard let timeBuckets else {
            buckets.append(contentsOf: repeatElement(rangeStart, count: rows.count))
            return
        }
        for row in rows { buckets.append(times[Int(row)]) }
        timeBuckets.truncate(all: &buckets)
    }
}

internal import Aggregates
internal import Base
internal import Expressions
internal import Store

/// Adds up the metric of the selected rows, group by group.
struct MetricsAggregation: Sendable {
    let aggregate: MetricDefinition.Aggregate
    private let timeBuckets: TimeBuckets?
    private(set) var keys: GroupKeys
    /// Of a `count`: by group.
    private(set) var counts: [Int64] = []
    /// Of a `uniq`: by group.
    private(set) var sketches: [HyperLogLog] = []
    /// By group: what its sketch is estimated to hold, where somebody has found out before.
    private var estimates: [HyperLogLog.Estimate?] = []
    /// The memory of the sketches.
    private(set) var sketchBytes = 0
    /// How many late events there are among the rows.
    private(set) var corrections: Int64 = 0
    /// Rows from this time on are not added up: no answer has room for their buckets.
    private(set) var cutoff: Milliseconds?
    /// When to look next whether there are more groups than an answer has room for.
    private var groupsToCheck = 0

    private var groups: [UInt32] = []

    /// With `keys` that may hold tuples already, and no groups.
    init(_ query: MetricsQuery, _ keys: GroupKeys) {
        aggregate = query.metric.aggregate
        timeBuckets = query.timeBuckets
        self.keys = keys
    }

    /// Adds rows of a part; those of a corrections table are counted as corrections too.
    mutating func add(
        _ selected: SelectedRows, _ layout: ScanLayout, areCorrections: Bool
    ) throws(StoreError) {
        var rows = selected.rows
        try countCorrections(selected, layout, areCorrections)
        let times = try selected.vectors[layout.time].map { vector throws(StoreError) in
            try Self.integers(vector)
        }
        if let cutoff, let times { Self.cut(&rows, times, at: cutoff) }
        let vectors = layout.dimensions.map { $0.flatMap { selected.vectors[$0] } }
        keys.groups(
            of: vectors, times: timeBuckets == nil ? nil : times, rows: &rows,
            rowCount: selected.rowCount, into: &groups)
        // At once, so that every group has a value even where reading the rest fails.
        growToKeys()
        let measure = layout.measure.flatMap { selected.vectors[$0] }
        switch aggregate {
        case .count:
            Self.add(try Self.integers(measure), rows, to: &counts, of: groups)
        case .uniq:
            if let members = selected.members {
                add(members, rows, rowCount: selected.rowCount)
            } else if let states = selected.sketches {
                for index in groups.indices {
                    let row = rows.map { Int($0[index]) } ?? index
                    unite(Int(groups[index]), states[row], selected.estimates?[row])
                }
            } else if case .integers(let hashes) = measure?.values {
                addHashes(hashes, rows)
            } else {
                try addStates(measure, rows)
            }
        }
    }

    /// How many counts could be added up in the time that one row takes.
    var rowWeight: Int {
        switch aggregate {
        case .count: 1
        case .uniq: 64
        }
    }

    /// Adds what a part adds.
    mutating func add(_ subtotal: Subtotal) throws(StoreError) {
        try add(subtotal.rows, subtotal.layout, areCorrections: false)
        corrections &+= subtotal.corrections
    }

    private mutating func countCorrections(
        _ selected: SelectedRows, _ layout: ScanLayout, _ areCorrections: Bool
    ) throws(StoreError) {
        if let late = layout.late {
            guard case .booleans(let bits) = selected.vectors[late]?.values else {
                throw .corrupt(CorruptionError(offset: 0, expected: "truth", found: "other values"))
            }
            if let rows = selected.rows {
                for row in rows where bits[Int(row)] { corrections += 1 }
            } else {
                corrections += Int64(bits.population)
            }
        }
        guard areCorrections else { return }
        let events = try Self.integers(layout.events.flatMap { selected.vectors[$0] })
        if let rows = selected.rows {
            for row in rows { corrections &+= events[Int(row)] }
        } else {
            for number in events { corrections &+= number }
        }
    }

    /// Takes out the rows from a time on.
    private static func cut(
        _ rows: inout [UInt32]?, _ times: [Milliseconds], at cutoff: Milliseconds
    ) {
        if let chosen = rows {
            rows = chosen.filter { times[Int($0)] < cutoff }
        } else if times.contains(where: { $0 >= cutoff }) {
            rows = times.indices.filter { times[$0] < cutoff }.map { UInt32($0) }
        }
    }

    /// Counts the corrections of another query of the same range and filters, not its own.
    mutating func takeCorrections(of other: MetricsAggregation) { corrections = other.corrections }

    /// Gives every group a value.
    private mutating func growToKeys() {
        switch aggregate {
        case .count: Self.grow(&counts, to: keys.count, with: 0)
        case .uniq:
            Self.grow(&sketches, to: keys.count, with: HyperLogLog())
            Self.grow(&estimates, to: keys.count, with: nil)
        }
    }

    private static func add(
        _ numbers: [Int64], _ rows: [UInt32]?, to counts: inout [Int64], of groups: [UInt32]
    ) {
        // Spans: the compiler makes no checks of ownership in these loops.
        let groups = groups.span
        let numbers = numbers.span
        var sums = counts.mutableSpan
        if let rows {
            let rows = rows.span
            for index in groups.indices { sums[Int(groups[index])] &+= numbers[Int(rows[index])] }
        } else {
            for index in groups.indices { sums[Int(groups[index])] &+= numbers[index] }
        }
    }

    /// Adds the members of the chosen rows.
    private mutating func add(_ members: HashedMembers, _ rows: [UInt32]?, rowCount: Int) {
        var targets = groups
        if let rows {
            targets = [UInt32](repeating: .max, count: rowCount)
            for (index, row) in rows.enumerated() { targets[Int(row)] = groups[index] }
        }
        for group in groups { estimates[Int(group)] = nil }
        HyperLogLog.insert(members, targets: targets, into: &sketches)
        sketchBytes = sketches.reduce(0) { $0 + $1.byteCount }
    }

    /// Adds people by their hashes; 0 is nobody.
    private mutating func addHashes(_ hashes: [Int64], _ rows: [UInt32]?) {
        for index in groups.indices {
            let hash = UInt64(bitPattern: hashes[rows.map { Int($0[index]) } ?? index])
            if hash == 0 { continue }
            let group = Int(groups[index])
            let before = sketches[group].byteCount
            estimates[group] = nil
            sketches[group].insert(hash: hash)
            sketchBytes += sketches[group].byteCount - before
        }
    }

    private mutating func addStates(
        _ measure: Vector?, _ rows: [UInt32]?
    ) throws(StoreError) {
        guard case .strings(let states) = measure?.values else {
            throw .corrupt(CorruptionError(offset: 0, expected: "states", found: "other values"))
        }
        for index in groups.indices {
            let range = states.range(rows.map { Int($0[index]) } ?? index)
            do throws(CorruptionError) {
                let group = Int(groups[index])
                let before = sketches[group].byteCount
                estimates[group] = nil
                var reader = ByteReader(unsafe states.bytes.span.extracting(range).bytes)
                try sketches[group].formUnion(decoding: &reader)
                try reader.requireEnd()
                sketchBytes += sketches[group].byteCount - before
            } catch {
                throw .corrupt(error)
            }
        }
    }

    private mutating func unite(
        _ group: Int, _ state: HyperLogLog, _ estimate: HyperLogLog.Estimate? = nil
    ) {
        let before = sketches[group].byteCount
        estimates[group] = sketches[group].isEmpty ? estimate : nil
        sketches[group].formUnion(state)
        sketchBytes += sketches[group].byteCount - before
    }

    private static func grow<Element>(
        _ values: inout [Element], to count: Int, with value: Element
    ) {
        values.append(contentsOf: repeatElement(value, count: count - values.count))
    }

    private static func integers(_ vector: Vector?) throws(StoreError) -> [Int64] {
        guard case .integers(let numbers) = vector?.values else {
            throw .corrupt(CorruptionError(offset: 0, expected: "integers", found: "other values"))
        }
        return numbers
    }
}

extension MetricsAggregation {
    /// Finished values, and whether all of them are exact.
    struct Values: Sendable {
        var numbers: [UInt64] = []
        var areExact = true
    }

    /// The values of groups, in that order; 0 where there is none.
    func values(of groups: some Sequence<Int?>) -> Values {
        var values = Values()
        switch aggregate {
        case .count:
            for group in groups {
                values.numbers.append(group.map { UInt64(max(0, counts[$0])) } ?? 0)
            }
        case .uniq:
            for group in groups {
                guard let group else {
                    values.numbers.append(0)
                    continue
                }
                let estimate = estimates[group] ?? sketches[group].estimate()
                values.numbers.append(estimate.value)
                if !estimate.isExact { values.areExact = false }
            }
        }
        return values
    }

    /// Drops the groups of buckets that an answer of so many rows, in the order of buckets, has no
    /// room for, as far as the groups met so far tell; and all rows that would fall into them.
    ///
    /// Later rows only add groups, so what is dropped stays beyond the limit.
    mutating func dropBuckets(beyond rows: Int) {
        guard let timeBuckets, keys.count > max(rows * 4, groupsToCheck) else { return }
        let starts = keys.bucketStarts
        var counts = [Int](repeating: 0, count: starts.count)
        for group in 0..<keys.count { counts[keys.bucketNumber(group: group)] += 1 }
        var sum = 0
        for bucket in starts.indices.sorted(by: { starts[$0] < starts[$1] }) {
            sum += counts[bucket]
            if sum <= rows { continue }
            keep(bucketsThrough: starts[bucket])
            let end = timeBuckets.horizon(of: starts[bucket])
            cutoff = min(cutoff ?? end, end)
            break
        }
        groupsToCheck = keys.count * 2
    }

    private mutating func keep(bucketsThrough last: Milliseconds) {
        let kept = (0..<keys.count).filter { keys.bucket(group: $0) <= last }
        if kept.count == keys.count { return }
        keys.keep(kept)
        switch aggregate {
        case .count: counts = kept.map { counts[$0] }
        case .uniq:
            sketches = kept.map { sketches[$0] }
            estimates = kept.map { estimates[$0] }
            sketchBytes = sketches.reduce(0) { $0 + $1.byteCount }
        }
    }

    /// The tuple that has this text in each dimension, made now if no row has it.
    mutating func makeTuple(of text: String) -> Int { keys.makeTuple(of: text) }

    /// The group of a bucket and a tuple, made now, with nothing in it, if no row fell into it.
    mutating func makeGroup(bucket: Milliseconds, tuple: Int) -> Int {
        let group = keys.makeGroup(bucket: bucket, tuple: tuple)
        growToKeys()
        return group
    }

    /// Adds what one group holds to another, and empties it.
    mutating func move(_ group: Int, into target: Int) {
        switch aggregate {
        case .count:
            counts[target] &+= counts[group]
            counts[group] = 0
        case .uniq:
            unite(target, sketches[group])
            sketchBytes -= sketches[group].byteCount
            sketches[group] = HyperLogLog()
            estimates[group] = nil
        }
    }
}

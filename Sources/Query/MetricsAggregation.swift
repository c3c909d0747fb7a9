internal import Aggregates
internal import Base
internal import Expressions
internal import Store

/// Adds up the metric of the selected rows, group by group.
struct MetricsAggregation: Sendable {
    private let aggregate: MetricDefinition.Aggregate
    private(set) var keys: GroupKeys
    /// Of a `count`: by group.
    private(set) var counts: [Int64] = []
    /// Of a `uniq`: by group.
    private(set) var sketches: [HyperLogLog] = []
    /// The memory of the sketches.
    private(set) var sketchBytes = 0
    /// How many late events there are among the rows.
    private(set) var corrections: Int64 = 0

    private var groups: [Int] = []

    init(_ query: MetricsQuery) {
        aggregate = query.metric.aggregate
        keys = GroupKeys(query)
    }

    /// Adds rows of a part; those of a corrections table are counted as corrections too.
    mutating func add(
        _ selected: SelectedRows, _ layout: ScanLayout, areCorrections: Bool
    ) throws(StoreError) {
        let vectors = layout.dimensions.map { $0.flatMap { selected.vectors[$0] } }
        let times = try Self.integers(selected.vectors[layout.time])
        keys.groups(of: vectors, times: times, rows: selected.rows, into: &groups)
        // At once, so that every group has a value even where reading the rest fails.
        growToKeys()
        if areCorrections {
            let events = try Self.integers(layout.events.flatMap { selected.vectors[$0] })
            for row in selected.rows { corrections &+= events[Int(row)] }
        }
        let measure = layout.measure.flatMap { selected.vectors[$0] }
        switch aggregate {
        case .count:
            try addCounts(Self.integers(measure), selected.rows)
        case .uniq:
            if let states = selected.sketches {
                for (index, row) in selected.rows.enumerated() {
                    unite(groups[index], states[Int(row)])
                }
            } else {
                try addStates(measure, selected.rows)
            }
        }
    }

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
                let estimate = sketches[group].estimate()
                values.numbers.append(estimate.value)
                if !estimate.isExact { values.areExact = false }
            }
        }
        return values
    }

    /// By tuple, its value over all buckets; nil for a tuple without groups.
    ///
    /// States are united tuple by tuple, so that one union at a time takes memory.
    func totals() -> [UInt64?] {
        var totals = [UInt64?](repeating: nil, count: keys.tupleCount)
        switch aggregate {
        case .count:
            for group in 0..<keys.count {
                let tuple = keys.tuple(group: group)
                totals[tuple] = (totals[tuple] ?? 0) + UInt64(max(0, counts[group]))
            }
        case .uniq:
            var ofTuple = [[Int]](repeating: [], count: keys.tupleCount)
            for group in 0..<keys.count { ofTuple[keys.tuple(group: group)].append(group) }
            for (tuple, groups) in ofTuple.enumerated() where !groups.isEmpty {
                let union = HyperLogLog.union(groups.lazy.map { sketches[$0] })
                totals[tuple] = union.estimate().value
            }
        }
        return totals
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
        }
    }

    /// Gives every group a value.
    private mutating func growToKeys() {
        switch aggregate {
        case .count: Self.grow(&counts, to: keys.count, with: 0)
        case .uniq: Self.grow(&sketches, to: keys.count, with: HyperLogLog())
        }
    }

    private mutating func addCounts(_ numbers: [Int64], _ rows: [UInt32]) {
        for index in rows.indices {
            counts[groups[index]] &+= numbers[Int(rows[index])]
        }
    }

    private mutating func addStates(
        _ measure: Vector?, _ rows: [UInt32]
    ) throws(StoreError) {
        guard case .strings(let states) = measure?.values else {
            throw .corrupt(CorruptionError(offset: 0, expected: "states", found: "other values"))
        }
        for index in rows.indices {
            let range = states.range(Int(rows[index]))
            do throws(CorruptionError) {
                let group = groups[index]
                let before = sketches[group].byteCount
                var reader = ByteReader(unsafe states.bytes.span.extracting(range).bytes)
                try sketches[group].formUnion(decoding: &reader)
                try reader.requireEnd()
                sketchBytes += sketches[group].byteCount - before
            } catch {
                throw .corrupt(error)
            }
        }
    }

    private mutating func unite(_ group: Int, _ state: HyperLogLog) {
        let before = sketches[group].byteCount
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

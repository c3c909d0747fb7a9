internal import Base
internal import Expressions

/// `sum` and `avg` of integers, exactly.
struct IntegerSumState: AggregateState {
    private let isMean: Bool
    private var sums: [Int128] = []
    private var counts: [Int64] = []

    init(_ call: AggregateCall) { isMean = call.function == .avg }

    var byteCount: Int { sums.count * 24 }

    mutating func update(_ rows: AggregateRows) {
        sums.grow(to: rows.groupCount, with: 0)
        counts.grow(to: rows.groupCount, with: 0)
        guard case .integers(let numbers) = rows.arguments[0].values else { return }
        let validity = rows.arguments[0].validity
        guard let groups = rows.groups else {
            // Rows without a value hold 0.
            sums[0] += Self.sum(numbers)
            counts[0] += Int64(validity?.population ?? numbers.count)
            return
        }
        if let validity {
            Self.add(numbers, groups, validity, to: &sums, &counts)
        } else {
            Self.add(numbers, groups, to: &sums, &counts)
        }
    }

    /// Of fewer than 2^31 numbers.
    private static func sum(_ numbers: [Int64]) -> Int128 {
        let numbers = numbers.span
        var (high, low): (Int64, UInt64) = (0, 0)
        for row in numbers.indices {
            high &+= numbers[row] &>> 32
            low &+= UInt64(bitPattern: numbers[row]) & 0xFFFF_FFFF
        }
        return Int128(high) &<< 32 + Int128(low)
    }

    private static func add(
        _ numbers: [Int64], _ groups: [UInt32], to sums: inout [Int128], _ counts: inout [Int64]
    ) {
        let (numbers, groups) = (numbers.span, groups.span)
        invariant(numbers.count == groups.count)
        var sums = sums.mutableSpan
        var counts = counts.mutableSpan
        for row in groups.indices {
            let group = unsafe Int(groups[unchecked: row])
            sums[group] &+= unsafe Int128(numbers[unchecked: row])
            counts[group] &+= 1
        }
    }

    private static func add(
        _ numbers: [Int64], _ groups: [UInt32], _ validity: Bitmap, to sums: inout [Int128],
        _ counts: inout [Int64]
    ) {
        let (numbers, groups, words) = (numbers.span, groups.span, validity.words.span)
        invariant(numbers.count == groups.count)
        var sums = sums.mutableSpan
        var counts = counts.mutableSpan
        for row in groups.indices {
            let group = unsafe Int(groups[unchecked: row])
            // Rows without a value hold 0.
            sums[group] &+= unsafe Int128(numbers[unchecked: row])
            counts[group] &+= Int64((words[row &>> 6] &>> UInt64(row & 63)) & 1)
        }
    }

    mutating func merge(_ other: any AggregateState, groups map: [UInt32], groupCount: Int) {
        guard let other = other as? Self else { fatalError("states of another aggregate") }
        sums.grow(to: groupCount, with: 0)
        counts.grow(to: groupCount, with: 0)
        for group in other.sums.indices where map[group] != .max {
            sums[Int(map[group])] += other.sums[group]
            counts[Int(map[group])] += other.counts[group]
        }
    }

    mutating func result(_ groups: [UInt32]) throws(QueryError) -> Vector {
        if let last = groups.max() {
            sums.grow(to: Int(last) + 1, with: 0)
            counts.grow(to: Int(last) + 1, with: 0)
        }
        let validity = Bitmap(of: groups) { counts[Int($0)] != 0 }
        if isMean {
            let means = groups.map { group in
                counts[Int(group)] == 0
                    ? 0 : sums[Int(group)].rounded / Double(counts[Int(group)])
            }
            return Vector(type: .float, values: .floats(means), validity: validity)
        }
        var numbers: [Int64] = []
        numbers.reserveCapacity(groups.count)
        for group in groups {
            guard let number = Int64(exactly: sums[Int(group)]) else { throw .sumOutOfRange }
            numbers.append(number)
        }
        return Vector(type: .integer, values: .integers(numbers), validity: validity)
    }
}

extension Int128 {
    /// The nearest float; the general conversion takes some hundred times as long.
    fileprivate var rounded: Double {
        if let small = Int64(exactly: self) { return Double(small) }
        return Double(self)
    }
}

extension QueryError {
    /// A sum that no integer of 64 bits can hold.
    static let sumOutOfRange = QueryError(
        status: 422, code: "out_of_range",
        message: "a sum of integers lies outside the range of Int64; cast the values to Float64")
}

/// A sum of floats with what rounding has lost: about 106 bits, so that the order of the summands
/// does not show.
struct CompensatedSum: Sendable {
    var sum = 0.0
    var lost = 0.0

    @inline(__always)
    mutating func add(_ number: Double) {
        let total = sum + number
        let part = total - sum
        lost += (sum - (total - part)) + (number - part)
        sum = total
    }

    mutating func add(_ other: CompensatedSum) {
        add(other.sum)
        lost += other.lost
    }

    /// Infinite or NaN where the plain sum is.
    var value: Double { sum.isFinite && lost.isFinite ? sum + lost : sum }
}

/// `sum` and `avg` of floats.
struct FloatSumState: AggregateState {
    private let isMean: Bool
    private var sums: [CompensatedSum] = []
    private var counts: [Int64] = []

    init(isMean: Bool) { self.isMean = isMean }

    var byteCount: Int { sums.count * 24 }

    mutating func update(_ rows: AggregateRows) {
        sums.grow(to: rows.groupCount, with: CompensatedSum())
        counts.grow(to: rows.groupCount, with: 0)
        guard case .floats(let numbers) = rows.arguments[0].values else { return }
        let validity = rows.arguments[0].validity
        if let validity {
            Self.add(numbers, rows.groups, validity, to: &sums, &counts)
        } else if let groups = rows.groups {
            Self.add(numbers, groups, to: &sums, &counts)
        } else {
            for number in numbers { sums[0].add(number) }
            counts[0] += Int64(numbers.count)
        }
    }

    private static func add(
        _ numbers: [Double], _ groups: [UInt32], to sums: inout [CompensatedSum],
        _ counts: inout [Int64]
    ) {
        let (numbers, groups) = (numbers.span, groups.span)
        invariant(numbers.count == groups.count)
        var sums = sums.mutableSpan
        var counts = counts.mutableSpan
        for row in groups.indices {
            let group = unsafe Int(groups[unchecked: row])
            sums[group].add(unsafe numbers[unchecked: row])
            counts[group] &+= 1
        }
    }

    /// Goes from one row with a value to the next: mostly there are few.
    private static func add(
        _ numbers: [Double], _ groups: [UInt32]?, _ validity: Bitmap,
        to sums: inout [CompensatedSum], _ counts: inout [Int64]
    ) {
        let (numbers, words) = (numbers.span, validity.words.span)
        var sums = sums.mutableSpan
        var counts = counts.mutableSpan
        for index in words.indices {
            var rest = words[index]
            while rest != 0 {
                let row = index &* 64 &+ rest.trailingZeroBitCount
                let group = Int(groups?[row] ?? 0)
                sums[group].add(numbers[row])
                counts[group] &+= 1
                rest &= rest &- 1
            }
        }
    }

    mutating func merge(_ other: any AggregateState, groups map: [UInt32], groupCount: Int) {
        guard let other = other as? Self else { fatalError("states of another aggregate") }
        sums.grow(to: groupCount, with: CompensatedSum())
        counts.grow(to: groupCount, with: 0)
        for group in other.sums.indices where map[group] != .max {
            sums[Int(map[group])].add(other.sums[group])
            counts[Int(map[group])] += other.counts[group]
        }
    }

    mutating func result(_ groups: [UInt32]) -> Vector {
        if let last = groups.max() {
            sums.grow(to: Int(last) + 1, with: CompensatedSum())
            counts.grow(to: Int(last) + 1, with: 0)
        }
        let numbers = groups.map { group in
            let sum = sums[Int(group)].value
            return isMean && counts[Int(group)] != 0 ? sum / Double(counts[Int(group)]) : sum
        }
        return Vector(
            type: .float, values: .floats(numbers),
            validity: Bitmap(of: groups) { counts[Int($0)] != 0 })
    }
}

extension Bitmap {
    /// The rows whose group meets the condition; nil where all do.
    init?(of groups: [UInt32], where meets: (UInt32) -> Bool) {
        var bits = Bitmap(count: groups.count)
        var all = true
        for (row, group) in groups.enumerated() {
            if meets(group) { bits[row] = true } else { all = false }
        }
        if all { return nil }
        self = bits
    }
}

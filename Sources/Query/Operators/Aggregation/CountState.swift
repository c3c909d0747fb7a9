internal import Base
internal import Expressions

/// `count(*)` and `count(x)`.
struct CountState: AggregateState {
    private let countsRows: Bool
    private var counts: [Int64] = []

    init(_ call: AggregateCall) { countsRows = call.function == .countRows }

    var byteCount: Int { counts.count * 8 }

    mutating func update(_ rows: AggregateRows) {
        counts.grow(to: rows.groupCount, with: 0)
        let validity = countsRows ? nil : commonValidity(rows.arguments)
        switch (rows.groups, validity) {
        case (nil, nil): counts[0] += Int64(rows.rowCount)
        case (nil, let validity?): counts[0] += Int64(validity.population)
        case (let groups?, nil): Self.add(groups, to: &counts)
        case (let groups?, let validity?): Self.add(groups, of: validity, to: &counts)
        }
    }

    mutating func merge(_ other: any AggregateState, groups map: [UInt32], groupCount: Int) {
        guard let other = other as? CountState else { fatalError("states of another aggregate") }
        counts.grow(to: groupCount, with: 0)
        for (group, count) in other.counts.enumerated() where map[group] != .max {
            counts[Int(map[group])] += count
        }
    }

    mutating func result(_ groups: [UInt32]) -> Vector {
        if let last = groups.max() { counts.grow(to: Int(last) + 1, with: 0) }
        return Vector(type: .integer, values: .integers(groups.map { counts[Int($0)] }))
    }

    private static func add(_ groups: [UInt32], to counts: inout [Int64]) {
        let groups = groups.span
        var target = counts.mutableSpan
        for row in groups.indices { target[unsafe Int(groups[unchecked: row])] &+= 1 }
    }

    private static func add(_ groups: [UInt32], of rows: Bitmap, to counts: inout [Int64]) {
        let (groups, words) = (groups.span, rows.words.span)
        var target = counts.mutableSpan
        for row in groups.indices {
            let bit = (words[row &>> 6] &>> UInt64(row & 63)) & 1
            target[unsafe Int(groups[unchecked: row])] &+= Int64(bit)
        }
    }
}

/// `bool_or` and `bool_and`.
struct TruthState: AggregateState {
    private let isAnd: Bool
    /// By group: 0 without a value, 1 false, 2 true.
    private var truths: [UInt8] = []

    init(isAnd: Bool) { self.isAnd = isAnd }

    var byteCount: Int { truths.count }

    mutating func update(_ rows: AggregateRows) {
        truths.grow(to: rows.groupCount, with: 0)
        guard case .booleans(let bits) = rows.arguments[0].values else { return }
        let validity = rows.arguments[0].validity
        for row in 0..<rows.rowCount where validity?[row] ?? true {
            combine(Int(rows.groups?[row] ?? 0), bits[row] ? 2 : 1)
        }
    }

    private mutating func combine(_ group: Int, _ truth: UInt8) {
        if truth == 0 { return }
        let before = truths[group]
        truths[group] = before == 0 ? truth : isAnd ? min(before, truth) : max(before, truth)
    }

    mutating func merge(_ other: any AggregateState, groups map: [UInt32], groupCount: Int) {
        guard let other = other as? TruthState else { fatalError("states of another aggregate") }
        truths.grow(to: groupCount, with: 0)
        for (group, truth) in other.truths.enumerated() where map[group] != .max {
            combine(Int(map[group]), truth)
        }
    }

    mutating func result(_ groups: [UInt32]) -> Vector {
        if let last = groups.max() { truths.grow(to: Int(last) + 1, with: 0) }
        var bits = Bitmap(count: groups.count)
        var validity = Bitmap(count: groups.count)
        for (row, group) in groups.enumerated() {
            if truths[Int(group)] == 2 { bits[row] = true }
            if truths[Int(group)] != 0 { validity[row] = true }
        }
        return Vector(type: .boolean, values: .booleans(bits), validity: validity)
    }
}

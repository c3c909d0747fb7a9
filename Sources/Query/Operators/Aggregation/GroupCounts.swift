internal import Base

/// For each group how often each code occurs; code 0 is not counted.
///
/// A cell for each group and code as long as that is little memory, then a hash table of the pairs.
struct GroupCounts: Sendable {
    private static let cellsMost = 1 << 21

    /// Cell `group * stride + code`.
    private var cells: [Int64] = []
    private var stride = 64
    /// Used instead of cells once there would be too many of them.
    private var hashed: (pairs: IntegerMap, counts: [Int64])?

    /// The memory of the table, in bytes.
    var byteCount: Int {
        cells.count * 8 + (hashed.map { $0.pairs.byteCount + $0.counts.count * 8 } ?? 0)
    }

    /// Counts the code of each row for its group; nil is group 0 for all.
    mutating func add(_ codes: [UInt32], groups: [UInt32]?, groupCount: Int, codeCount: Int) {
        makeRoom(groupCount: groupCount, codeCount: codeCount)
        if hashed != nil {
            for (row, code) in codes.enumerated() where code != 0 {
                addHashed(groups?[row] ?? 0, code, 1)
            }
        } else if let groups {
            Self.add(codes, groups, stride, to: &cells)
        } else {
            Self.add(codes, to: &cells)
        }
    }

    /// Counts a code so many times more.
    mutating func add(_ code: UInt32, group: UInt32, times: Int64) {
        if code == 0 { return }
        if hashed != nil {
            addHashed(group, code, times)
        } else {
            cells[Int(group) * stride + Int(code)] += times
        }
    }

    /// Counts all of another, each code translated, for other groups; `UInt32.max` is none.
    mutating func add(
        _ other: GroupCounts, groups map: [UInt32], codes: [UInt32], groupCount: Int,
        codeCount: Int
    ) {
        makeRoom(groupCount: groupCount, codeCount: codeCount)
        other.forEach { group, code, times in
            if map[group] != .max { add(codes[code], group: map[group], times: times) }
        }
    }

    /// Calls the body with each group, code, and how often it occurs, in no order.
    func forEach(_ body: (Int, Int, Int64) -> Void) {
        if let hashed {
            for (index, key) in hashed.pairs.keys.enumerated() {
                let code = Int(truncatingIfNeeded: key & 0xFFFF_FFFF)
                body(Int(key &>> 32), code, hashed.counts[index])
            }
            return
        }
        for (index, times) in cells.enumerated() where times != 0 && index % stride != 0 {
            body(index / stride, index % stride, times)
        }
    }

    private mutating func addHashed(_ group: UInt32, _ code: UInt32, _ times: Int64) {
        guard let index = hashed?.pairs.index(of: UInt64(group) &<< 32 | UInt64(code)) else {
            return
        }
        if index == hashed?.counts.count { hashed?.counts.append(0) }
        hashed?.counts[index] += times
    }

    private static func add(
        _ codes: [UInt32], _ groups: [UInt32], _ stride: Int, to cells: inout [Int64]
    ) {
        let (codes, groups) = (codes.span, groups.span)
        invariant(codes.count == groups.count)
        var target = cells.mutableSpan
        for row in codes.indices {
            let code = unsafe Int(codes[unchecked: row])
            target[unsafe Int(groups[unchecked: row]) &* stride &+ code] &+= 1
        }
    }

    private static func add(_ codes: [UInt32], to cells: inout [Int64]) {
        let codes = codes.span
        var target = cells.mutableSpan
        for row in codes.indices { target[unsafe Int(codes[unchecked: row])] &+= 1 }
    }

    private mutating func makeRoom(groupCount: Int, codeCount: Int) {
        if hashed != nil { return }
        var wider = stride
        while wider < codeCount { wider *= 2 }
        guard groupCount * wider <= Self.cellsMost else {
            let before = self
            hashed = (IntegerMap(), [])
            before.forEach { addHashed(UInt32($0), UInt32($1), $2) }
            cells = []
            return
        }
        if wider > stride {
            let old = cells
            cells = [Int64](repeating: 0, count: max(groupCount, old.count / stride) * wider)
            for (index, times) in old.enumerated() where times != 0 {
                cells[index / stride * wider + index % stride] = times
            }
            stride = wider
        }
        let missing = groupCount * stride - cells.count
        if missing > 0 {
            cells.reserveCapacity(cells.count + max(missing, min(cells.count, 1 << 16)))
            cells.append(contentsOf: repeatElement(0, count: missing))
        }
    }
}

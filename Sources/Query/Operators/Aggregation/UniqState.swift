internal import Aggregates
internal import Base
internal import Expressions

/// Distinct counts by HyperLogLog.
///
/// Rows become pairs of group and code, and each distinct pair is hashed once, when the states of a
/// part are merged into those of the query.
struct UniqState: AggregateState {
    private var rows: DistinctCodes
    private var states: [HyperLogLog] = []
    private var stateBytes = 0
    private var groupCount = 0

    init(_ call: AggregateCall) {
        rows = DistinctCodes(call, call.arguments.map { _ in nil })
    }

    var byteCount: Int { rows.byteCount + states.count * 40 + stateBytes }

    mutating func update(_ input: AggregateRows) {
        groupCount = max(groupCount, input.groupCount)
        let codes = rows.codes(input.arguments, input.areOfPart)
        rows.sets.insert(
            codes, groups: input.groups, groupCount: groupCount, codeCount: rows.codeCount)
    }

    mutating func merge(_ other: any AggregateState, groups map: [UInt32], groupCount: Int) {
        guard let other = other as? Self else { fatalError("states of another aggregate") }
        self.groupCount = max(self.groupCount, groupCount)
        states.grow(to: groupCount, with: HyperLogLog())
        for (group, state) in other.states.enumerated() where map[group] != .max {
            unite(Int(map[group]), state)
        }
        insert(other.rows, groups: map)
    }

    private mutating func unite(_ group: Int, _ state: HyperLogLog) {
        let before = states[group].byteCount
        states[group].formUnion(state)
        stateBytes += states[group].byteCount - before
    }

    /// Hashes the values of sets; those of groups without a target are left out.
    private mutating func insert(_ sets: DistinctCodes, groups map: [UInt32]) {
        var used = [Bool](repeating: false, count: sets.codeCount)
        sets.sets.markUsed(&used, groups: map.map { $0 != .max })
        let hashes = sets.hashes(used)
        var collected: [UInt64] = []
        var last = -1
        sets.sets.forEach { group, code in
            if group != last {
                flush(&collected, last, map)
                last = group
            }
            collected.append(hashes[code])
        }
        flush(&collected, last, map)
    }

    private mutating func flush(_ hashes: inout [UInt64], _ group: Int, _ map: [UInt32]) {
        if hashes.isEmpty { return }
        if group < map.count, map[group] != .max {
            let target = Int(map[group])
            let before = states[target].byteCount
            states[target].insert(hashes: hashes.span)
            stateBytes += states[target].byteCount - before
        }
        hashes.removeAll(keepingCapacity: true)
    }

    mutating func result(_ groups: [UInt32]) -> Vector {
        if let last = groups.max() { groupCount = max(groupCount, Int(last) + 1) }
        states.grow(to: groupCount, with: HyperLogLog())
        // What came as rows, if nothing was merged.
        insert(rows, groups: (0..<UInt32(groupCount)).map { $0 })
        let counts = groups.map { Int64(clamping: states[Int($0)].estimate().value) }
        return Vector(type: .integer, values: .integers(counts))
    }
}

extension DistinctCodes {
    /// By code, of those that are used, the hash of its values: of one text as the stream hashes
    /// it, so that states of rollups and counts of events agree.
    fileprivate func hashes(_ used: [Bool]) -> [UInt64] {
        if coders.count == 1, coders[0].isText {
            return Self.hashes(of: coders[0].strings, used)
        }
        let wanted = used.indices.filter { used[$0] && $0 > 0 }.map { UInt32($0) }
        var hashes = [UInt64](repeating: 0, count: used.count)
        for (index, vector) in vectors(wanted).enumerated() {
            for (row, code) in wanted.enumerated() {
                let hash = Self.hash(vector, row)
                hashes[Int(code)] =
                    index == 0 ? hash : fold(hashes[Int(code)] ^ hash, 0x9E37_79B9_7F4A_7C15)
            }
        }
        // A value whose hash is 0 counts as the one whose hash is 1.
        for index in hashes.indices where hashes[index] == 0 { hashes[index] = 1 }
        return hashes
    }

    private static func hashes(of strings: StringTable, _ used: [Bool]) -> [UInt64] {
        var hashes = [UInt64](repeating: 0, count: used.count)
        unsafe strings.bytes.withUnsafeBytes { bytes in
            for entry in 0..<strings.count where used[entry + 1] {
                let range = strings.range(entry)
                let hash = unsafe hash64(UnsafeRawBufferPointer(rebasing: bytes[range]))
                hashes[entry + 1] = hash == 0 ? 1 : hash
            }
        }
        return hashes
    }

    private static func hash(_ vector: Vector, _ row: Int) -> UInt64 {
        switch vector.values {
        case .codes(let codes, let dictionary): return hash64(dictionary[Int(codes[row]) - 1])
        case .strings(let table): return hash64(table[row])
        case .integers(let numbers): return hash64(UInt64(bitPattern: numbers[row]))
        case .floats(let numbers): return hash64(numbers[row].bitPattern)
        case .booleans(let bits): return hash64(bits[row] ? 1 : 0)
        }
    }
}

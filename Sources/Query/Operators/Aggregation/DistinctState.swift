internal import Aggregates
internal import Base
internal import Expressions

/// Distinct counts, exact and by HyperLogLog, and other aggregates of distinct values.
///
/// Rows become pairs of group and code. Codes of one dictionary stay as they are, in sets of their
/// own, until the result is asked for; only groups that have values from several dictionaries need
/// those compared.
struct DistinctState: AggregateState {
    /// Sets of codes that mean the same, by group.
    private struct Codes: Sendable {
        var coders: [KeyCoder]
        /// Of several arguments.
        var tuples: GroupNumbers
        var sets = GroupSets()

        init(_ call: AggregateCall) {
            coders = call.arguments.map { KeyCoder($0.type) }
            tuples = GroupNumbers(keyCount: coders.count, directCells: 1 << 20)
        }

        /// Codes are below this.
        var codeCount: Int {
            coders.count == 1
                ? coders[0].codeCount : tuples.count(coders.map(\.codeCount)) + 1
        }

        var dictionary: StringTable? { coders.count == 1 ? coders[0].adopted : nil }

        var byteCount: Int {
            sets.byteCount + tuples.byteCount + coders.reduce(0) { $0 + $1.byteCount }
        }

        /// The code of each row; 0 where an argument is NULL.
        mutating func codes(_ vectors: [Vector], _ areOfPart: [Bool]) -> [UInt32] {
            var codes = vectors.map { _ in [UInt32]() }
            for index in vectors.indices {
                coders[index].codes(
                    of: vectors[index], isOfPart: areOfPart[index], into: &codes[index])
            }
            return combined(codes)
        }

        private mutating func combined(_ codes: [[UInt32]]) -> [UInt32] {
            guard codes.count > 1 else { return codes[0] }
            var numbers: [UInt32] = []
            tuples.number(codes, into: &numbers)
            for row in numbers.indices {
                let isNull = codes.contains { $0[row] == 0 }
                numbers[row] = isNull ? 0 : numbers[row] + 1
            }
            return numbers
        }

        /// By code of others, for those that are used, the code here.
        mutating func codes(of other: Codes, used: [Bool]) -> [UInt32] {
            guard coders.count > 1 else {
                return coders[0].codes(of: other.coders[0], used: used)
            }
            let wanted = used.indices.filter { used[$0] && $0 > 0 }
            var parts = other.tuples.codes(of: wanted.map { UInt32($0 - 1) })
            for index in coders.indices {
                var isUsed = [Bool](repeating: false, count: other.coders[index].codeCount)
                for code in parts[index] { isUsed[Int(code)] = true }
                let map = coders[index].codes(of: other.coders[index], used: isUsed)
                parts[index] = parts[index].map { map[Int($0)] }
            }
            var result = [UInt32](repeating: 0, count: used.count)
            if wanted.isEmpty { return result }
            for (code, own) in zip(wanted, combined(parts)) { result[code] = own }
            return result
        }

        /// The values of codes, a vector for each argument.
        func vectors(_ codes: [UInt32]) -> [Vector] {
            if coders.count == 1 { return [coders[0].vector(codes)] }
            let parts = tuples.codes(of: codes.map { $0 - 1 })
            return zip(coders, parts).map { $0.vector($1) }
        }
    }

    /// Dictionaries whose sets are kept apart, at most.
    private static let apartMost = 64

    private let call: AggregateCall
    private var kinds: [Codes]
    private var groupCount = 0

    init(_ call: AggregateCall) {
        self.call = call
        kinds = [Codes(call)]
    }

    var byteCount: Int { kinds.reduce(0) { $0 + $1.byteCount } }

    mutating func update(_ rows: AggregateRows) {
        groupCount = max(groupCount, rows.groupCount)
        let codes = kinds[0].codes(rows.arguments, rows.areOfPart)
        kinds[0].sets.insert(
            codes, groups: rows.groups, groupCount: groupCount, codeCount: kinds[0].codeCount)
    }

    mutating func merge(_ other: any AggregateState, groups map: [UInt32], groupCount: Int) {
        guard let other = other as? Self else { fatalError("states of another aggregate") }
        self.groupCount = max(self.groupCount, groupCount)
        for theirs in other.kinds { merge(theirs, map) }
    }

    private mutating func merge(_ theirs: Codes, _ map: [UInt32]) {
        guard let dictionary = theirs.dictionary else {
            insertAll(of: theirs, map, into: &kinds[0])
            return
        }
        let same = kinds.indices.dropFirst().first { index in
            kinds[index].dictionary?.sharesMemory(with: dictionary) ?? false
        }
        if same == nil, kinds.count > Self.apartMost {
            insertAll(of: theirs, map, into: &kinds[0])
            return
        }
        let index = same ?? kinds.count
        if same == nil {
            var mine = Codes(call)
            mine.coders = theirs.coders
            kinds.append(mine)
        }
        kinds[index].sets.formUnion(
            theirs.sets, groups: map, groupCount: groupCount, codeCount: theirs.codeCount)
    }

    private func insertAll(of theirs: Codes, _ map: [UInt32], into target: inout Codes) {
        var used = [Bool](repeating: false, count: theirs.codeCount)
        theirs.sets.markUsed(&used, groups: map.map { $0 != .max })
        let codes = target.codes(of: theirs, used: used)
        target.sets.insertAll(
            of: theirs.sets, groups: map, codes: codes, groupCount: groupCount, target.codeCount)
    }

    mutating func result(_ groups: [UInt32]) throws(QueryError) -> Vector {
        if let last = groups.max() { groupCount = max(groupCount, Int(last) + 1) }
        switch call.function {
        case .countDistinct:
            let counts = counts()
            return Vector(type: .integer, values: .integers(groups.map { counts[Int($0)] }))
        case .uniq:
            let counts = estimates()
            return Vector(type: .integer, values: .integers(groups.map { counts[Int($0)] }))
        default: return try inner(groups)
        }
    }

    private func counts() -> [Int64] {
        let identity = (0..<UInt32(groupCount)).map { $0 }
        var counts = [Int64](repeating: 0, count: groupCount)
        var isShared = [Bool](repeating: false, count: groupCount)
        for kind in kinds {
            var sizes = [Int64](repeating: 0, count: groupCount)
            kind.sets.addSizes(to: &sizes, groups: identity)
            for group in sizes.indices where sizes[group] > 0 {
                if counts[group] > 0 { isShared[group] = true }
                counts[group] += sizes[group]
            }
        }
        guard isShared.contains(true) else { return counts }
        for group in counts.indices where isShared[group] { counts[group] = 0 }
        joined(isShared).sets.addSizes(
            to: &counts, groups: identity.map { isShared[Int($0)] ? $0 : .max })
        return counts
    }

    /// The sets of groups with all codes meaning the same.
    private func joined(_ isWanted: [Bool]) -> Codes {
        let map = isWanted.indices.map { isWanted[$0] ? UInt32($0) : .max }
        if kinds.count == 1 { return kinds[0] }
        var joined = Codes(call)
        for kind in kinds { insertAll(of: kind, map, into: &joined) }
        return joined
    }

    private func estimates() -> [Int64] {
        var states = [HyperLogLog](repeating: HyperLogLog(), count: groupCount)
        for kind in kinds {
            var used = [Bool](repeating: false, count: kind.codeCount)
            kind.sets.markUsed(&used, groups: [Bool](repeating: true, count: groupCount))
            let hashes = Self.hashes(kind, used)
            kind.sets.forEach { group, code in states[group].insert(hash: hashes[code]) }
        }
        return states.map { Int64(clamping: $0.estimate().value) }
    }

    /// By code the hash of its values: of one text as the stream hashes it, so that states of
    /// rollups and counts of events agree.
    private static func hashes(_ kind: Codes, _ used: [Bool]) -> [UInt64] {
        let wanted = used.indices.filter { used[$0] && $0 > 0 }.map { UInt32($0) }
        var hashes = [UInt64](repeating: 0, count: used.count)
        for (index, vector) in kind.vectors(wanted).enumerated() {
            for (row, code) in wanted.enumerated() {
                let hash = hash(vector, row)
                hashes[Int(code)] =
                    index == 0 ? hash : fold(hashes[Int(code)] ^ hash, 0x9E37_79B9_7F4A_7C15)
            }
        }
        // A value whose hash is 0 counts as the one whose hash is 1.
        for index in hashes.indices where hashes[index] == 0 { hashes[index] = 1 }
        return hashes
    }

    private static func hash(_ vector: Vector, _ row: Int) -> UInt64 {
        switch vector.values {
        case .codes(let codes, let dictionary):
            let range = dictionary.range(Int(codes[row]) - 1)
            return unsafe dictionary.bytes.withUnsafeBytes { bytes in
                unsafe hash64(UnsafeRawBufferPointer(rebasing: bytes[range]))
            }
        case .strings(let table):
            return unsafe table.bytes(at: row).withUnsafeBytes { unsafe hash64($0) }
        case .integers(let numbers): return hash64(UInt64(bitPattern: numbers[row]))
        case .floats(let numbers): return hash64(numbers[row].bitPattern)
        case .booleans(let bits): return hash64(bits[row] ? 1 : 0)
        }
    }

    /// The aggregate over the distinct values.
    private func inner(_ groups: [UInt32]) throws(QueryError) -> Vector {
        var plain = call
        plain.isDistinct = false
        var state = plain.makeState()
        let joined = joined([Bool](repeating: true, count: groupCount))
        var rows: (groups: [UInt32], codes: [UInt32]) = ([], [])
        joined.sets.forEach { group, code in
            rows.groups.append(UInt32(group))
            rows.codes.append(UInt32(code))
        }
        try state.update(
            AggregateRows(
                arguments: joined.vectors(rows.codes), areOfPart: call.arguments.map { _ in false },
                rowCount: rows.codes.count, groups: rows.groups, groupCount: groupCount))
        return try state.result(groups)
    }
}

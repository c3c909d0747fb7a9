internal import Base
internal import Expressions

/// Distinct counts, and other aggregates of distinct values.
///
/// Rows become pairs of group and code. DistinctCodes of one dictionary stay as they are, in sets of their
/// own, until the result is asked for; only groups that have values from several dictionaries need
/// those compared.
struct DistinctState: AggregateState {
    /// Dictionaries whose sets are kept apart, at most.
    private static let apartMost = 64

    private let call: AggregateCall
    private let joints: [JointDictionary?]
    private var kinds: [DistinctCodes]
    private var groupCount = 0

    init(_ call: AggregateCall, _ joints: [JointDictionary?]) {
        self.call = call
        self.joints = joints
        kinds = [DistinctCodes(call, joints)]
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

    private mutating func merge(_ theirs: DistinctCodes, _ map: [UInt32]) {
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
            var mine = DistinctCodes(call, joints)
            mine.coders = theirs.coders
            kinds.append(mine)
        }
        kinds[index].sets.formUnion(
            theirs.sets, groups: map, groupCount: groupCount, codeCount: theirs.codeCount)
    }

    private func insertAll(
        of theirs: DistinctCodes, _ map: [UInt32], into target: inout DistinctCodes
    ) {
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
    private func joined(_ isWanted: [Bool]) -> DistinctCodes {
        let map = isWanted.indices.map { isWanted[$0] ? UInt32($0) : .max }
        if kinds.count == 1 { return kinds[0] }
        var joined = DistinctCodes(call, joints)
        for kind in kinds { insertAll(of: kind, map, into: &joined) }
        return joined
    }

    /// The aggregate over the distinct values.
    private func inner(_ groups: [UInt32]) throws(QueryError) -> Vector {
        var plain = call
        plain.isDistinct = false
        var state = plain.makeState(joints)
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

internal import Base
internal import Expressions
internal import Store

/// What the groups of an aggregation are made of.
struct GroupLayout: Sendable {
    /// Each key's type, and the joint dictionary of its column if it is one of a table.
    var keys: [(type: DataType, joint: JointDictionary?)]
    /// Each call, and the same of its arguments.
    var calls: [(call: AggregateCall, joints: [JointDictionary?])]
    /// Combinations of keys that are numbered directly, at most.
    var directCells: Int
}

/// Groups of rows: their keys, and for each aggregate their states.
///
/// One of a thread and part takes rows in; those are merged into one of the whole query.
struct Grouping: Sendable {
    private var coders: [KeyCoder]
    private var numbers: GroupNumbers
    private var states: [any AggregateState]
    /// By number, where numbers are codes of one key, whether a row has it.
    private var isMet: [Bool] = []

    // Reused for every batch.
    private var codes: [[UInt32]]
    private var groups: [UInt32] = []

    init(_ layout: GroupLayout) {
        coders = layout.keys.map { KeyCoder($0.type, $0.joint) }
        numbers = GroupNumbers(
            keyCount: layout.keys.count, directCells: layout.directCells)
        states = layout.calls.map { $0.call.makeState($0.joints) }
        codes = layout.keys.map { _ in [] }
    }

    /// Numbers of groups are below this.
    private var groupLimit: Int { numbers.count(coders.map(\.codeCount)) }

    /// The memory of keys and states, in bytes.
    var byteCount: Int {
        numbers.byteCount + isMet.count + coders.reduce(0) { $0 + $1.byteCount }
            + states.reduce(0) { $0 + $1.byteCount }
    }

    /// Takes rows in: the vectors of the keys and of the arguments of each call, with whether their
    /// dictionaries are those of a part; and by call the rows that its filter leaves, if it has
    /// one.
    mutating func add(
        keys: [(vector: Vector, isOfPart: Bool)],
        arguments: [(vectors: [Vector], areOfPart: [Bool])], filters: [Bitmap?], rowCount: Int
    ) throws(QueryError) {
        if rowCount == 0 { return }
        number(keys)
        let groupCount = groupLimit
        let ofRows: [UInt32]? = keys.isEmpty ? nil : groups
        for index in states.indices {
            var rows = AggregateRows(
                arguments: arguments[index].vectors, areOfPart: arguments[index].areOfPart,
                rowCount: rowCount, groups: ofRows, groupCount: groupCount)
            if let filter = filters[index] { rows.keep(filter) }
            try states[index].update(rows)
        }
    }

    private mutating func number(_ keys: [(vector: Vector, isOfPart: Bool)]) {
        for (index, key) in keys.enumerated() {
            coders[index].codes(of: key.vector, isOfPart: key.isOfPart, into: &codes[index])
        }
        numbers.number(codes, codeCounts: coders.map(\.codeCount), into: &groups)
        if keys.count == 1 {
            isMet.grow(to: coders[0].codeCount, with: false)
            Self.mark(groups, in: &isMet)
        }
    }

    private static func mark(_ groups: [UInt32], in isMet: inout [Bool]) {
        let groups = groups.span
        var target = isMet.mutableSpan
        for row in groups.indices { target[unsafe Int(groups[unchecked: row])] = true }
    }

    /// The numbers of the groups that have rows; without keys the only one.
    private var metGroups: [UInt32] {
        switch coders.count {
        case 0: [0]
        case 1: isMet.indices.filter { isMet[$0] }.map { UInt32($0) }
        default: (0..<UInt32(groupLimit)).map { $0 }
        }
    }

    /// A share of the groups of several groupings: each group is in the same share of all.
    struct Share {
        var index: Int
        var count: Int
        /// The key that decides, and whether its codes mean the same in all.
        var key: Int
        var byCode: Bool

        /// Shares by the key that has most values.
        init(_ index: Int, of count: Int, _ groupings: [Grouping]) {
            self.index = index
            self.count = count
            let counts = groupings[0].coders.map(\.codeCount)
            key = counts.indices.max { counts[$0] < counts[$1] } ?? 0
            let first = groupings[0].coders[key]
            let key = key
            byCode = groupings.allSatisfy { $0.coders[key].sharesCodes(with: first) }
        }
    }

    /// How many groups have rows.
    var groupCount: Int { metGroups.count }

    /// Takes the groups of another of the same query in, or a share of them.
    mutating func merge(_ other: Grouping, _ share: Share? = nil) throws(QueryError) {
        var theirs = other.metGroups
        var keys = other.numbers.codes(of: theirs)
        if let share {
            let shares = other.coders[share.key].shares(share.count, byCode: share.byCode)
            let decisive = keys[share.key]
            let kept = decisive.indices.filter { shares[Int(decisive[$0])] == share.index }
            theirs = kept.map { theirs[$0] }
            keys = keys.map { codes in kept.map { codes[$0] } }
        }
        for index in coders.indices {
            var used = [Bool](repeating: false, count: other.coders[index].codeCount)
            for code in keys[index] { used[Int(code)] = true }
            let map = coders[index].codes(of: other.coders[index], used: used)
            keys[index] = keys[index].map { map[Int($0)] }
        }
        var mine = theirs
        if !keys.isEmpty, !theirs.isEmpty {
            numbers.number(keys, codeCounts: coders.map(\.codeCount), into: &mine)
        }
        if coders.count == 1 {
            isMet.grow(to: coders[0].codeCount, with: false)
            for group in mine { isMet[Int(group)] = true }
        }
        var map = [UInt32](repeating: .max, count: other.groupLimit)
        for (group, target) in zip(theirs, mine) { map[Int(group)] = target }
        let groupCount = groupLimit
        for index in states.indices {
            try states[index].merge(other.states[index], groups: map, groupCount: groupCount)
        }
    }

    /// The rows of the result: keys, then aggregates.
    mutating func result() throws(QueryError) -> Batch {
        let groups = metGroups
        var columns: [Vector] = []
        for (index, codes) in numbers.codes(of: groups).enumerated() {
            columns.append(coders[index].vector(codes))
        }
        for index in states.indices { columns.append(try states[index].result(groups)) }
        return Batch(columns: columns, rowCount: groups.count)
    }
}

extension AggregateRows {
    /// Leaves only these rows.
    mutating func keep(_ rows: Bitmap) {
        let kept = rows.rowNumbers
        if kept.count == rowCount { return }
        arguments = arguments.map { $0.gathered(kept[...]) }
        groups = groups.map { groups in kept.map { groups[Int($0)] } }
        rowCount = kept.count
    }
}

extension Bitmap {
    /// The numbers of the rows that are set, ascending.
    var rowNumbers: [UInt32] {
        var rows: [UInt32] = []
        rows.reserveCapacity(population)
        for (index, word) in words.enumerated() {
            var rest = word
            let first = index &* 64
            while rest != 0 {
                rows.append(UInt32(truncatingIfNeeded: first &+ rest.trailingZeroBitCount))
                rest &= rest &- 1
            }
        }
        return rows
    }
}

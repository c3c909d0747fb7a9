internal import Base

/// For each group a set of codes; code 0 is none.
///
/// One bit for each group and code as long as that is little memory, then a hash table of the
/// pairs.
struct GroupSets: Sendable {
    /// Words of bits, at most; beyond, pairs are hashed.
    private static let wordsMost = 1 << 20

    /// Bit `group * stride + code`.
    private var words: [UInt64] = []
    /// A multiple of 64.
    private var stride = 64
    /// Used instead of bits once there would be too many of them.
    private var hashed: PairSet?

    /// The memory of the table, in bytes.
    var byteCount: Int { words.count * 8 + (hashed?.byteCount ?? 0) }

    var isHashed: Bool { hashed != nil }

    /// Takes the code of each row into the set of its group; nil is group 0 for all.
    mutating func insert(_ codes: [UInt32], groups: [UInt32]?, groupCount: Int, codeCount: Int) {
        makeRoom(groupCount: groupCount, codeCount: codeCount)
        if hashed != nil {
            if let groups {
                for (row, code) in codes.enumerated() where code != 0 {
                    hashed?.insert(group: groups[row], code: code)
                }
            } else {
                for code in codes where code != 0 { hashed?.insert(group: 0, code: code) }
            }
            return
        }
        if let groups {
            Self.insert(codes, groups, stride, into: &words)
        } else {
            Self.insert(codes, into: &words)
        }
    }

    private static func insert(
        _ codes: [UInt32], _ groups: [UInt32], _ stride: Int, into words: inout [UInt64]
    ) {
        let (codes, groups) = (codes.span, groups.span)
        invariant(codes.count == groups.count)
        var target = words.mutableSpan
        for row in codes.indices {
            let code = unsafe Int(codes[unchecked: row])
            let bit = unsafe Int(groups[unchecked: row]) &* stride &+ code
            target[bit &>> 6] |= 1 &<< UInt64(bit & 63)
        }
    }

    private static func insert(_ codes: [UInt32], into words: inout [UInt64]) {
        let codes = codes.span
        var target = words.mutableSpan
        for row in codes.indices {
            let bit = unsafe Int(codes[unchecked: row])
            target[bit &>> 6] |= 1 &<< UInt64(bit & 63)
        }
    }

    /// Sees that there is a bit for each pair, or that there are no bits any more.
    private mutating func makeRoom(groupCount: Int, codeCount: Int) {
        if hashed != nil { return }
        var wider = stride
        while wider < codeCount { wider *= 2 }
        // The last width need not be a power of two where the codes are those of a dictionary.
        if words.isEmpty { wider = max(64, (codeCount + 63) / 64 * 64) }
        guard groupCount * (wider / 64) <= Self.wordsMost else {
            var set = PairSet()
            forEach { set.insert(group: UInt32($0), code: UInt32($1)) }
            hashed = set
            words = []
            return
        }
        if wider > stride {
            let (old, oldWords) = (stride / 64, words)
            let groups = old == 0 ? 0 : oldWords.count / old
            words = [UInt64](repeating: 0, count: max(groups, groupCount) * (wider / 64))
            for group in 0..<groups {
                for word in 0..<old {
                    words[group * (wider / 64) + word] = oldWords[group * old + word]
                }
            }
            stride = wider
        }
        let missing = groupCount * (stride / 64) - words.count
        if missing > 0 {
            // Groups come one by one: room for more.
            words.reserveCapacity(words.count + max(missing, min(words.count, 1 << 16)))
            words.append(contentsOf: repeatElement(0, count: missing))
        }
    }

    /// Calls the body with each group and code.
    func forEach(_ body: (Int, Int) -> Void) {
        if let hashed {
            hashed.forEach(body)
            return
        }
        let perGroup = stride / 64
        for (index, word) in words.enumerated() where word != 0 {
            var rest = word
            let group = index / perGroup
            let first = (index % perGroup) * 64
            while rest != 0 {
                let code = first + rest.trailingZeroBitCount
                if code != 0 { body(group, code) }
                rest &= rest &- 1
            }
        }
    }

    /// Adds the sizes of the sets to the counts of other groups, `UInt32.max` being none.
    func addSizes(to counts: inout [Int64], groups map: [UInt32]) {
        if let hashed {
            hashed.forEach { group, _ in
                if map[group] != .max { counts[Int(map[group])] += 1 }
            }
            return
        }
        let perGroup = stride / 64
        for group in 0..<min(map.count, words.count / perGroup) where map[group] != .max {
            var size = 0
            for index in group * perGroup..<(group + 1) * perGroup {
                size &+= words[index].nonzeroBitCount
            }
            if words[group * perGroup] & 1 == 1 { size -= 1 }
            counts[Int(map[group])] += Int64(size)
        }
    }

    /// Takes the sets of another, whose codes mean the same, into other groups.
    mutating func formUnion(
        _ other: GroupSets, groups map: [UInt32], groupCount: Int, codeCount: Int
    ) {
        makeRoom(groupCount: groupCount, codeCount: codeCount)
        if hashed != nil || other.hashed != nil || other.stride > stride {
            insertAll(of: other, groups: map, codes: nil, groupCount: groupCount, codeCount)
            return
        }
        let (mine, theirs) = (stride / 64, other.stride / 64)
        for group in 0..<min(map.count, other.words.count / theirs) where map[group] != .max {
            let target = Int(map[group]) * mine
            for word in 0..<theirs { words[target + word] |= other.words[group * theirs + word] }
        }
    }

    /// Takes the sets of another, each code translated, into other groups.
    mutating func insertAll(
        of other: GroupSets, groups map: [UInt32], codes: [UInt32]?, groupCount: Int,
        _ codeCount: Int
    ) {
        makeRoom(groupCount: groupCount, codeCount: codeCount)
        if hashed == nil, other.hashed == nil {
            Self.insertAll(of: other, map, codes, stride, into: &words)
            return
        }
        var pairs: (groups: [UInt32], codes: [UInt32]) = ([], [])
        other.forEach { group, code in
            guard map[group] != .max else { return }
            pairs.groups.append(map[group])
            pairs.codes.append(codes?[code] ?? UInt32(code))
        }
        insert(pairs.codes, groups: pairs.groups, groupCount: groupCount, codeCount: codeCount)
    }

    private static func insertAll(
        of other: GroupSets, _ map: [UInt32], _ codes: [UInt32]?, _ stride: Int,
        into words: inout [UInt64]
    ) {
        let perGroup = other.stride / 64
        let source = other.words.span
        let table = codes ?? (0..<UInt32(other.stride)).map { $0 }
        let translation = table.span
        var target = words.mutableSpan
        for group in 0..<min(map.count, source.count / perGroup) where map[group] != .max {
            let base = Int(map[group]) &* stride
            for index in 0..<perGroup {
                var rest = source[group &* perGroup &+ index]
                // Code 0 is none.
                if index == 0 { rest &= ~1 }
                while rest != 0 {
                    let code = index &* 64 &+ rest.trailingZeroBitCount
                    let bit = base &+ Int(translation[code])
                    target[bit &>> 6] |= 1 &<< UInt64(bit & 63)
                    rest &= rest &- 1
                }
            }
        }
    }

    /// Marks the codes that are in the set of a group that is wanted.
    func markUsed(_ used: inout [Bool], groups isWanted: [Bool]) {
        if hashed != nil {
            forEach { group, code in
                if group < isWanted.count, isWanted[group] { used[code] = true }
            }
            return
        }
        // The union of the sets first.
        let perGroup = stride / 64
        var union = [UInt64](repeating: 0, count: perGroup)
        for group in 0..<min(isWanted.count, words.count / perGroup) where isWanted[group] {
            for index in 0..<perGroup { union[index] |= words[group &* perGroup &+ index] }
        }
        for (index, word) in union.enumerated() {
            var rest = word
            while rest != 0 {
                let code = index &* 64 &+ rest.trailingZeroBitCount
                if code < used.count { used[code] = true }
                rest &= rest &- 1
            }
        }
    }
}

/// Pairs of a group and a code, each once.
struct PairSet: Sendable {
    /// 0 where free; a power of two, at most half full.
    private var slots = [UInt64](repeating: 0, count: 1 << 10)
    private(set) var count = 0

    /// The memory of the table, in bytes.
    var byteCount: Int { slots.count * 8 }

    /// Takes a pair, whose code is not 0; whether it is new.
    @discardableResult
    mutating func insert(group: UInt32, code: UInt32) -> Bool {
        let key = UInt64(group) &<< 32 | UInt64(code)
        let slot = Self.search(slots, key)
        if slots[slot] != 0 { return false }
        slots[slot] = key
        count &+= 1
        if count &* 2 > slots.count {
            var larger = [UInt64](repeating: 0, count: slots.count * 2)
            for key in slots where key != 0 { larger[Self.search(larger, key)] = key }
            slots = larger
        }
        return true
    }

    func forEach(_ body: (Int, Int) -> Void) {
        for key in slots where key != 0 {
            body(Int(key &>> 32), Int(truncatingIfNeeded: key & 0xFFFF_FFFF))
        }
    }

    private static func search(_ slots: [UInt64], _ key: UInt64) -> Int {
        let mask = slots.count &- 1
        var slot =
            Int(truncatingIfNeeded: fold(key ^ 0xA076_1D64_78BD_642F, 0xE703_7ED1_A0B4_28DB))
            & mask
        while slots[slot] != 0, slots[slot] != key { slot = (slot &+ 1) & mask }
        return slot
    }
}

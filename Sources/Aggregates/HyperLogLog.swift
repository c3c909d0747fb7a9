internal import Base

/// A distinct count: exact for up to 2,048 values, a HyperLogLog sketch of 16,384 registers beyond.
///
/// The state is a function of the set of inserted hashes alone: neither order, nor repetition, nor
/// the tree of unions that led to it shows, and equal states serialise to equal bytes.
///
/// Of each hash the upper 48 bits are kept. While at most `sparseLimit` distinct values are in,
/// the state is *sparse*: the values themselves, in an open-addressing table. Two different hashes
/// fall together in 48 bits with a probability of at most n²/2⁴⁹, which is 7.5·10⁻⁹ for a full
/// sparse state; but for that, the count is exact. With one more value the state turns *dense*: of
/// a value, the upper 14 bits choose a register, and the register keeps the greatest rank (number
/// of leading zeros plus one) of the 34 bits below. Dense states never turn back.
///
/// An empty state takes no memory beyond the struct, one value 48 bytes, ten values 160 bytes, a
/// dense state 16 KiB. Copies share their memory until one of them changes.
package struct HyperLogLog: Sendable {
    /// How many distinct values a state holds exactly.
    ///
    /// Past it the values (6 bytes each) outgrow 12 KiB, and the sketch is the smaller form.
    package static let sparseLimit = 2_048

    static let indexBits: UInt64 = 14
    static let registerCount = 1 << 14
    static let valueBits: UInt64 = 48
    /// The bits of a value below the register's index.
    static let rankBits = 34
    /// The rank of a value whose lower 34 bits are all zero.
    static let rankMax: UInt8 = 35

    /// While sparse: a power of two of slots, each 0 (free) or a value plus one; at first none.
    var slots: [UInt64] = []
    /// How many slots are taken.
    var sparseCount = 0
    /// While dense: one rank a register, 0 where nothing fell in it; empty while sparse.
    var registers: [UInt8] = []

    /// The state of the empty set.
    package init() {}

    /// Whether nothing was inserted.
    package var isEmpty: Bool { sparseCount == 0 && registers.isEmpty }

    var isDense: Bool { !registers.isEmpty }

    /// The memory that the state holds beside the struct itself, in bytes.
    package var byteCount: Int { slots.count * 8 + registers.count }

    /// Inserts a value by its 64-bit hash.
    ///
    /// Amortised O(1); no write where the value is known.
    package mutating func insert(hash: UInt64) {
        insert(value: hash &>> (64 - Self.valueBits))
    }

    /// Inserts many values by their hashes.
    package mutating func insert(hashes: Span<UInt64>) {
        for index in hashes.indices { insert(value: hashes[index] &>> (64 - Self.valueBits)) }
    }

    /// Inserts all that `other` holds, in O(size of `other`).
    package mutating func formUnion(_ other: HyperLogLog) {
        if other.isDense {
            if isDense {
                Self.raise(&registers, to: other.registers.span)
            } else {
                let mine = slots
                slots = []
                sparseCount = 0
                registers = other.registers
                insertAll(of: mine)
            }
            return
        }
        if isEmpty {
            self = other
            return
        }
        if isDense {
            insertAll(of: other.slots)
            return
        }
        // The smaller one goes into the larger.
        var values = other.slots
        if other.sparseCount > sparseCount {
            values = slots
            slots = other.slots
            sparseCount = other.sparseCount
        }
        insertSparse(values.count) { index in
            // SAFETY: the loop ends with the table.
            let slot = unsafe values.span[unchecked: index]
            return slot == 0 ? nil : slot &- 1
        }
    }

    /// Inserts up to `count` values into a sparse state, which turns dense if they are too many.
    ///
    /// Room comes first: the values of a table come in the order of their slots, and would pile up
    /// at the front of a smaller table. The table is taken out, so that the loop makes no checks of
    /// ownership.
    @inline(__always)
    mutating func insertSparse<Failure: Error>(
        _ count: Int, _ value: (Int) throws(Failure) -> UInt64?
    ) throws(Failure) {
        reserve(min(sparseCount + count, 2 * Self.sparseLimit))
        var table = slots
        slots = []
        defer {
            slots = table
            if sparseCount > Self.sparseLimit { makeDense() }
        }
        var target = table.mutableSpan
        for index in 0..<count {
            guard let value = try value(index) else { continue }
            if Self.insert(value, into: &target) { sparseCount &+= 1 }
        }
    }

    /// Puts a value into a table that has room for it; whether it is new.
    @inline(__always)
    private static func insert(_ value: UInt64, into slots: inout MutableSpan<UInt64>) -> Bool {
        let mask = slots.count &- 1
        var index = Int(truncatingIfNeeded: value) & mask
        // SAFETY: the mask keeps the index within the table, whose size is a power of two.
        while unsafe slots[unchecked: index] != 0 {
            if unsafe slots[unchecked: index] == value &+ 1 { return false }
            index = (index &+ 1) & mask
        }
        unsafe slots[unchecked: index] = value &+ 1
        return true
    }

    /// The union of many states, in O(their sizes).
    package static func union(_ states: some Sequence<HyperLogLog>) -> HyperLogLog {
        var result = HyperLogLog()
        for state in states { result.formUnion(state) }
        return result
    }

    mutating func insert(value: UInt64) {
        if isDense {
            Self.raise(&registers, with: value)
        } else {
            insertSparse(value)
        }
    }

    private mutating func insertAll(of slots: [UInt64]) {
        for slot in slots where slot != 0 { insert(value: slot &- 1) }
    }

    private mutating func insertSparse(_ value: UInt64) {
        // At most three quarters full, so that a search ends soon; there is always a free slot.
        if (sparseCount &+ 1) &* 4 > slots.count &* 3 {
            if !slots.isEmpty, Self.contains(slots, value) { return }
            rehash(slotCount: max(2, slots.count * 2))
        }
        let index = Self.search(slots, value)
        guard slots[index] == 0 else { return }
        if sparseCount == Self.sparseLimit {
            makeDense()
            Self.raise(&registers, with: value)
            return
        }
        slots[index] = value &+ 1
        sparseCount &+= 1
    }

    /// Makes room for `count` values in all.
    mutating func reserve(_ count: Int) {
        var slotCount = max(2, slots.count)
        while slotCount * 3 < count * 4 { slotCount *= 2 }
        if slotCount > slots.count { rehash(slotCount: slotCount) }
    }

    private mutating func rehash(slotCount: Int) {
        invariant(slotCount & (slotCount - 1) == 0 && slotCount > sparseCount)
        var larger = [UInt64](repeating: 0, count: slotCount)
        for slot in slots where slot != 0 {
            larger[Self.search(larger, slot &- 1)] = slot
        }
        slots = larger
    }

    mutating func makeDense() {
        var ranks = [UInt8](repeating: 0, count: Self.registerCount)
        for slot in slots where slot != 0 { Self.raise(&ranks, with: slot &- 1) }
        registers = ranks
        slots = []
        sparseCount = 0
    }

    /// The slot that holds the value, or the free one where it belongs.
    private static func search(_ slots: [UInt64], _ value: UInt64) -> Int {
        let mask = slots.count &- 1
        var index = Int(truncatingIfNeeded: value) & mask
        while slots[index] != 0, slots[index] != value &+ 1 { index = (index &+ 1) & mask }
        return index
    }

    static func contains(_ slots: [UInt64], _ value: UInt64) -> Bool {
        slots[search(slots, value)] != 0
    }

    private static func raise(_ registers: inout [UInt8], with value: UInt64) {
        let index = Int(truncatingIfNeeded: value &>> UInt64(rankBits))
        let below = value &<< (64 - UInt64(rankBits))
        let rank = below == 0 ? rankMax : UInt8(truncatingIfNeeded: below.leadingZeroBitCount &+ 1)
        if registers[index] < rank { registers[index] = rank }
    }

    static func raise(_ registers: inout [UInt8], to other: Span<UInt8>) {
        invariant(registers.count == other.count)
        var target = registers.mutableSpan
        for index in other.indices { target[index] = max(target[index], other[index]) }
    }
}

extension HyperLogLog: Equatable {
    /// Whether both hold the same set, as far as the state can tell.
    package static func == (left: HyperLogLog, right: HyperLogLog) -> Bool {
        guard left.registers == right.registers, left.sparseCount == right.sparseCount else {
            return false
        }
        return left.slots.allSatisfy { $0 == 0 || contains(right.slots, $0 &- 1) }
    }
}

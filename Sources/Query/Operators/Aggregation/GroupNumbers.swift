internal import Base

/// Numbers the combinations of codes that rows have, one code for each key.
///
/// Of one key its codes are the numbers. Of several, the codes side by side are one number of 64
/// bits, as long as they fit: looked up in a table by it while there are few bits, else hashed. Of
/// more bits, each further key numbers the pairs of its code and the combination so far.
struct GroupNumbers: Sendable {
    private let keyCount: Int
    private let directCells: Int
    /// By key how many bits its codes have.
    private var widths: [Int]
    private var packed = PackedNumbers()
    /// Used instead once the codes have too many bits.
    private var pairs: [PairMap]?

    /// Codes side by side have so many bits, at most.
    private static let bitsMost = 62

    init(keyCount: Int, directCells: Int) {
        self.keyCount = keyCount
        self.directCells = directCells
        widths = [Int](repeating: 1, count: keyCount)
    }

    /// Numbers are below this, given how many codes the keys have.
    func count(_ codeCounts: [Int]) -> Int {
        switch keyCount {
        case 0: 1
        case 1: codeCounts[0]
        default: pairs?.last?.count ?? packed.count
        }
    }

    /// The memory of the tables, in bytes.
    var byteCount: Int {
        packed.byteCount + (pairs?.reduce(0) { $0 + $1.byteCount } ?? 0)
    }

    /// Writes the number of each row; nothing without keys, where all are in group 0.
    ///
    /// All codes are below the counts.
    mutating func number(
        _ codes: [[UInt32]], codeCounts: [Int], into numbers: inout [UInt32]
    ) {
        guard keyCount > 1 else {
            if let only = codes.first { numbers = only }
            return
        }
        widen(codeCounts)
        if pairs != nil {
            numberPairs(codes, into: &numbers)
        } else {
            packed.number(codes, widths, directCells: directCells, into: &numbers)
        }
    }

    private mutating func numberPairs(_ codes: [[UInt32]], into numbers: inout [UInt32]) {
        var before = codes[0]
        for index in 0..<keyCount - 1 {
            pairs?[index].number(codes[index + 1], before, into: &numbers)
            if index + 2 < keyCount { swap(&before, &numbers) }
        }
    }

    /// Sees that the codes of each key have enough bits.
    private mutating func widen(_ codeCounts: [Int]) {
        if pairs != nil { return }
        var wider = widths
        for (index, count) in codeCounts.enumerated() where count > 1 << wider[index] {
            wider[index] = Int.bitWidth - (count - 1).leadingZeroBitCount
        }
        if wider == widths { return }
        let known = codes(of: (0..<UInt32(packed.count)).map { $0 })
        packed = PackedNumbers()
        if wider.reduce(0, +) > Self.bitsMost {
            pairs = (0..<keyCount - 1).map { _ in PairMap(cellsMax: directCells) }
        }
        widths = wider
        // In their order, so that all keep their numbers.
        var numbers: [UInt32] = []
        if known[0].isEmpty { return }
        if pairs != nil {
            numberPairs(known, into: &numbers)
        } else {
            packed.number(known, widths, directCells: directCells, into: &numbers)
        }
    }

    /// For each key the codes of the groups of these numbers.
    func codes(of numbers: [UInt32]) -> [[UInt32]] {
        if keyCount == 0 { return [] }
        if keyCount == 1 { return [numbers] }
        guard let pairs else { return packed.codes(of: numbers, widths) }
        var codes = [[UInt32]](repeating: [], count: keyCount)
        var rest = numbers
        for index in pairs.indices.reversed() {
            codes[index + 1] = pairs[index].majors(of: rest)
            rest = pairs[index].minors(of: rest)
        }
        codes[0] = rest
        return codes
    }
}

/// Numbers combinations of codes that fit into 64 bits side by side.
private struct PackedNumbers: Sendable {
    private struct Slot {
        var key: UInt64 = 0
        /// 0 where the slot is free, else a number plus one.
        var number: UInt32 = 0
    }

    /// By number.
    private var keys: [UInt64] = []
    /// By key a number plus one; empty while keys are hashed.
    private var cells: [UInt32] = []
    /// A power of two, at most half full.
    private var slots: [Slot] = []
    // Reused for every batch.
    private var rowKeys: [UInt64] = []
    /// What was read for its effect on the processor's caches alone.
    private var touched: UInt32 = 0

    /// Rows whose slots are read ahead of the search.
    private static let stepRows = 256

    var count: Int { keys.count }

    var byteCount: Int { keys.capacity * 8 + cells.count * 4 + slots.count * 16 }

    mutating func number(
        _ codes: [[UInt32]], _ widths: [Int], directCells: Int, into numbers: inout [UInt32]
    ) {
        resize(&numbers, to: codes[0].count)
        pack(codes, widths)
        let bits = widths.reduce(0, +)
        // A table of cells beyond the rows costs more to clear than it saves.
        if bits < 30, 1 << bits <= directCells {
            if cells.isEmpty { cells = [UInt32](repeating: 0, count: 1 << bits) }
            Self.lookUp(rowKeys, &cells, &keys, into: &numbers)
            return
        }
        if slots.isEmpty { slots = [Slot](repeating: Slot(), count: 1 << 12) }
        var start = 0
        while start < rowKeys.count {
            // There is always room for a whole step.
            let end = min(start + Self.stepRows, rowKeys.count)
            while (keys.count + end - start) * 2 > slots.count { grow() }
            touched &+= Self.touch(rowKeys, start..<end, slots)
            Self.search(rowKeys, start..<end, &slots, &keys, into: &numbers)
            start = end
        }
    }

    private mutating func pack(_ codes: [[UInt32]], _ widths: [Int]) {
        let count = codes[0].count
        if rowKeys.count != count { rowKeys = [UInt64](repeating: 0, count: count) }
        var shift: UInt64 = 0
        for (index, keyCodes) in codes.enumerated() {
            Self.pack(keyCodes, shift: shift, isFirst: index == 0, into: &rowKeys)
            shift += UInt64(widths[index])
        }
    }

    private static func pack(
        _ codes: [UInt32], shift: UInt64, isFirst: Bool, into keys: inout [UInt64]
    ) {
        let codes = codes.span
        var keys = keys.mutableSpan
        invariant(codes.count == keys.count)
        if isFirst {
            // SAFETY: there are as many keys as codes.
            for row in codes.indices { unsafe keys[unchecked: row] = UInt64(codes[unchecked: row]) }
        } else {
            for row in codes.indices {
                unsafe keys[unchecked: row] |= UInt64(codes[unchecked: row]) &<< shift
            }
        }
    }

    private static func lookUp(
        _ rowKeys: [UInt64], _ cells: inout [UInt32], _ keys: inout [UInt64],
        into numbers: inout [UInt32]
    ) {
        let rowKeys = rowKeys.span
        var cells = cells.mutableSpan
        var target = numbers.mutableSpan
        invariant(target.count == rowKeys.count)
        for row in rowKeys.indices {
            // SAFETY: there are as many numbers as keys.
            let key = unsafe rowKeys[unchecked: row]
            var number = cells[Int(key)]
            if number == 0 {
                keys.append(key)
                number = UInt32(keys.count)
                cells[Int(key)] = number
            }
            unsafe target[unchecked: row] = number &- 1
        }
    }

    /// Reads the first slot of each key, so that those far away come in together: the search, whose
    /// branches are hard to guess, would wait for one after the other.
    private static func touch(
        _ rowKeys: [UInt64], _ rows: Range<Int>, _ slots: [Slot]
    ) -> UInt32 {
        let (rowKeys, slots) = (rowKeys.span, slots.span)
        let mask = slots.count &- 1
        var sum: UInt32 = 0
        for row in rows {
            // SAFETY: the mask keeps the slot within the table, whose size is a power of two.
            sum &+= unsafe slots[unchecked: place(rowKeys[row]) & mask].number
        }
        return sum
    }

    private static func search(
        _ rowKeys: [UInt64], _ rows: Range<Int>, _ slots: inout [Slot], _ keys: inout [UInt64],
        into numbers: inout [UInt32]
    ) {
        let rowKeys = rowKeys.span
        var slots = slots.mutableSpan
        var target = numbers.mutableSpan
        let mask = slots.count &- 1
        for row in rows {
            let key = rowKeys[row]
            var slot = place(key) & mask
            // SAFETY: the mask keeps the slot within the table, whose size is a power of two.
            while unsafe slots[unchecked: slot].number != 0,
                unsafe slots[unchecked: slot].key != key
            {
                slot = (slot &+ 1) & mask
            }
            var number = unsafe slots[unchecked: slot].number
            if number == 0 {
                keys.append(key)
                number = UInt32(keys.count)
                slots[slot] = Slot(key: key, number: number)
            }
            target[row] = number &- 1
        }
    }

    private mutating func grow() {
        var larger = [Slot](repeating: Slot(), count: slots.count * 4)
        let mask = larger.count - 1
        for slot in slots where slot.number != 0 {
            var index = Self.place(slot.key) & mask
            while larger[index].number != 0 { index = (index &+ 1) & mask }
            larger[index] = slot
        }
        slots = larger
    }

    @inline(__always)
    private static func place(_ key: UInt64) -> Int {
        Int(truncatingIfNeeded: fold(key ^ 0xA076_1D64_78BD_642F, 0xE703_7ED1_A0B4_28DB))
    }

    func codes(of numbers: [UInt32], _ widths: [Int]) -> [[UInt32]] {
        var shift: UInt64 = 0
        return widths.map { width in
            let mask: UInt64 = (1 &<< UInt64(width)) - 1
            let codes = numbers.map { number in
                UInt32(truncatingIfNeeded: (keys[Int(number)] &>> shift) & mask)
            }
            shift += UInt64(width)
            return codes
        }
    }
}

internal import Base
internal import Expressions
internal import Glibc

/// The values of one dimension that a query has met, as codes that hold for the whole query.
///
/// Code 0 is null, `k` is `values[k - 1]`. Each part has codes of its own; they are translated
/// once per dictionary entry that occurs, so that rows are handled as integers only.
struct DimensionCodes: Sendable {
    private(set) var values = StringTable()
    private var hashes: [UInt64] = []
    /// 0 for a free slot, else a code; a power of two, at most half full.
    private var slots = [UInt32](repeating: 0, count: 16)
    private var translated: (dictionary: StringTable, codes: [UInt32])?
    private var prediction = CodePrediction()

    /// Marks an entry of a dictionary that has not occurred yet.
    fileprivate static let untranslated = UInt32.max

    /// No values yet.
    init() {}

    /// The entries of a dictionary, which are distinct, by their numbers in it.
    init(adopting dictionary: StringTable) {
        values = dictionary
        hashes.reserveCapacity(dictionary.count)
        for entry in 0..<dictionary.count { hashes.append(Self.hash(dictionary, entry)) }
        var count = slots.count
        while count < 2 * dictionary.count { count *= 2 }
        rehash(slotCount: count)
    }

    /// The memory of values and tables, in bytes.
    var byteCount: Int { values.byteCount + hashes.count * 8 + slots.count * 4 }

    /// By code of a dictionary, for those that are used, the code here.
    mutating func codes(of dictionary: StringTable, used: [Bool]) -> [UInt32] {
        var codes = [UInt32](repeating: 0, count: dictionary.count + 1)
        for entry in 0..<dictionary.count where used[entry + 1] {
            codes[entry + 1] = code(of: entry, in: dictionary)
        }
        return codes
    }

    /// Writes the query's codes of the chosen rows of a vector, nil for all of them; a missing
    /// vector is all null.
    mutating func translate(
        _ vector: Vector?, rows: [UInt32]?, rowCount: Int, into codes: inout [UInt32]
    ) {
        guard let vector else {
            codes.removeAll(keepingCapacity: true)
            codes.append(contentsOf: repeatElement(0, count: rows?.count ?? rowCount))
            return
        }
        switch vector.values {
        case .codes(let local, let dictionary):
            translate(local, dictionary, rows: rows, into: &codes)
        case .strings, .integers, .floats, .booleans:
            translate(text: vector.castToText(), rows: rows, into: &codes)
        }
    }

    private mutating func translate(
        _ local: [UInt32], _ dictionary: StringTable, rows: [UInt32]?, into codes: inout [UInt32]
    ) {
        resize(&codes, to: rows?.count ?? local.count)
        var table: [UInt32]
        if let translated, translated.dictionary.sharesMemory(with: dictionary) {
            table = translated.codes
        } else {
            table = [0] + [UInt32](repeating: Self.untranslated, count: dictionary.count)
            if let translated {
                prediction = CodePrediction(translated.dictionary, translated.codes)
            }
        }
        // The table is written in place only while nothing else holds it.
        translated = nil
        if let rows {
            let (rows, local) = (rows.span, local.span)
            translate(dictionary, &table, into: &codes) { Int(local[Int(rows[$0])]) }
        } else {
            let local = local.span
            translate(dictionary, &table, into: &codes) { Int(local[$0]) }
        }
        translated = (dictionary, table)
    }

    @inline(__always)
    private mutating func translate(
        _ dictionary: StringTable, _ table: inout [UInt32], into codes: inout [UInt32],
        _ entry: (Int) -> Int
    ) {
        // Spans: the compiler makes no checks of ownership in this loop.
        var table = table.mutableSpan
        var target = codes.mutableSpan
        for index in target.indices {
            let entry = entry(index)
            var code = table[entry]
            if code == Self.untranslated {
                code = self.predictedCode(of: entry - 1, in: dictionary)
                table[entry] = code
            }
            target[index] = code
        }
    }

    private mutating func translate(
        text vector: Vector, rows: [UInt32]?, into codes: inout [UInt32]
    ) {
        resize(&codes, to: rows?.count ?? vector.count)
        guard case .strings(let table) = vector.values else {
            fatalError("a vector cast to text holds no text")
        }
        for index in codes.indices {
            let row = rows.map { Int($0[index]) } ?? index
            let isNull = vector.validity.map { !$0[row] } ?? false
            codes[index] = isNull ? 0 : code(of: row, in: table)
        }
    }

    /// The code of a text, given out now if it is new.
    mutating func code(of text: ArraySlice<UInt8>) -> UInt32 {
        var table = StringTable()
        table.append(text)
        return code(of: 0, in: table)
    }

    private mutating func predictedCode(of entry: Int, in table: StringTable) -> UInt32 {
        if let code = prediction.code(of: entry, in: table) { return code }
        let code = code(of: entry, in: table)
        prediction.found(code)
        return code
    }

    /// The code of an entry of a table.
    private mutating func code(of entry: Int, in table: StringTable) -> UInt32 {
        let range = table.range(entry)
        let hash = Self.hash(table, entry)
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 {
            let index = Int(slots[slot]) - 1
            if hashes[index] == hash, Self.isEqual(values, index, table, range) {
                return slots[slot]
            }
            slot = (slot + 1) & mask
        }
        values.append(table.bytes[range])
        hashes.append(hash)
        slots[slot] = UInt32(values.count)
        if values.count * 2 > slots.count { grow() }
        return UInt32(values.count)
    }

    fileprivate static func isEqual(
        _ values: StringTable, _ index: Int, _ table: StringTable, _ range: Range<Int>
    ) -> Bool {
        let mine = values.range(index)
        if mine.count != range.count { return false }
        if range.isEmpty { return true }
        return unsafe values.bytes.withUnsafeBytes { left in
            unsafe table.bytes.withUnsafeBytes { right in
                // SAFETY: both ranges lie in their tables.
                unsafe memcmp(
                    left.baseAddress.unsafelyUnwrapped + mine.lowerBound,
                    right.baseAddress.unsafelyUnwrapped + range.lowerBound, range.count) == 0
            }
        }
    }

    private static func hash(_ table: StringTable, _ entry: Int) -> UInt64 {
        let range = table.range(entry)
        return unsafe table.bytes.withUnsafeBytes { bytes in
            unsafe hash64(UnsafeRawBufferPointer(rebasing: bytes[range]))
        }
    }

    private mutating func grow() { rehash(slotCount: slots.count * 2) }

    private mutating func rehash(slotCount: Int) {
        let mask = slotCount - 1
        slots = [UInt32](repeating: 0, count: slotCount)
        for (index, hash) in hashes.enumerated() {
            var slot = Int(truncatingIfNeeded: hash) & mask
            while slots[slot] != 0 { slot = (slot + 1) & mask }
            slots[slot] = UInt32(index + 1)
        }
    }

    /// For each code its place in the order of values: null first, then texts by their bytes.
    func ranks() -> [UInt32] {
        // Most comparisons end at the first bytes in which values differ.
        let common = commonPrefixCount()
        let keys = (0..<values.count).map { sortKey($0, skipping: common) }
        let order = (0..<values.count).sorted { left, right in
            keys[left] != keys[right]
                ? keys[left] < keys[right] : values.precedes(left, values, right)
        }
        var ranks = [UInt32](repeating: 0, count: values.count + 1)
        for (place, index) in order.enumerated() { ranks[index + 1] = UInt32(place + 1) }
        return ranks
    }

    private func commonPrefixCount() -> Int {
        guard values.count > 0 else { return 0 }
        let first = values.bytes(at: 0)
        var count = first.count
        for index in 1..<max(1, values.count) {
            let entry = values.bytes(at: index)
            count = min(count, entry.count)
            while count > 0, !entry.prefix(count).elementsEqual(first.prefix(count)) { count -= 1 }
        }
        return count
    }

    /// The eight bytes after the prefix, the first one highest; zeros where a value is shorter.
    private func sortKey(_ index: Int, skipping count: Int) -> UInt64 {
        var key: UInt64 = 0
        let bytes = values.bytes(at: index).dropFirst(count).prefix(8)
        for byte in bytes { key = key &<< 8 | UInt64(byte) }
        return key &<< UInt64(8 * (8 - bytes.count))
    }
}

/// Guesses the codes of a dictionary by the one before.
///
/// The dictionaries of parts are sorted, and parts of neighbouring days have mostly the same
/// entries: then the entry behind the last one that was found is the next. A guess costs one
/// comparison, where a search costs a hash and some reads of far memory.
private struct CodePrediction: Sendable {
    /// How many entries of the dictionary before are tried.
    private static let attempts = 4

    private var dictionary = StringTable()
    private var codes: [UInt32] = []
    /// By code of the query, the entry that has it and one more; 0 where none has.
    private var entries: [UInt32] = []
    private var next = 0

    /// Guesses nothing.
    init() {}

    /// By a dictionary and its codes, null first.
    init(_ dictionary: StringTable, _ codes: [UInt32]) {
        self.dictionary = dictionary
        self.codes = codes
        let known = codes.filter { $0 != DimensionCodes.untranslated }
        entries = [UInt32](repeating: 0, count: Int(known.max() ?? 0) + 1)
        for (entry, code) in codes.enumerated()
        where entry > 0 && code != DimensionCodes.untranslated {
            entries[Int(code)] = UInt32(entry)
        }
    }

    /// The code of an entry; nil where it must be searched for.
    mutating func code(of entry: Int, in table: StringTable) -> UInt32? {
        let range = table.range(entry)
        for guess in next..<min(next + Self.attempts, dictionary.count)
        where DimensionCodes.isEqual(dictionary, guess, table, range) {
            let code = codes[guess + 1]
            guard code != DimensionCodes.untranslated else { return nil }
            next = guess + 1
            return code
        }
        return nil
    }

    /// Goes on behind the entry that has the code.
    mutating func found(_ code: UInt32) {
        guard Int(code) < entries.count, entries[Int(code)] > 0 else { return }
        next = Int(entries[Int(code)])
    }
}

internal import Base
internal import Expressions

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

    /// Marks an entry of a dictionary that has not occurred yet.
    private static let untranslated = UInt32.max

    /// Writes the query's codes of the rows of a vector; a missing vector is all null.
    mutating func translate(
        _ vector: Vector?, rows: [UInt32], into codes: inout [UInt32]
    ) {
        codes.removeAll(keepingCapacity: true)
        guard let vector else {
            codes.append(contentsOf: repeatElement(0, count: rows.count))
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
        _ local: [UInt32], _ dictionary: StringTable, rows: [UInt32], into codes: inout [UInt32]
    ) {
        var table: [UInt32]
        if let translated, translated.dictionary.sharesMemory(with: dictionary) {
            table = translated.codes
        } else {
            table = [0] + [UInt32](repeating: Self.untranslated, count: dictionary.count)
        }
        // The table is written in place only while nothing else holds it.
        translated = nil
        for row in rows {
            let code = Int(local[Int(row)])
            if table[code] == Self.untranslated {
                table[code] = self.code(of: dictionary.bytes(at: code - 1))
            }
            codes.append(table[code])
        }
        translated = (dictionary, table)
    }

    private mutating func translate(
        text vector: Vector, rows: [UInt32], into codes: inout [UInt32]
    ) {
        guard case .strings(let table) = vector.values else {
            fatalError("a vector cast to text holds no text")
        }
        for row in rows {
            let isNull = vector.validity.map { !$0[Int(row)] } ?? false
            codes.append(isNull ? 0 : code(of: table.bytes(at: Int(row))))
        }
    }

    /// The code of a text, given out now if it is new.
    mutating func code(of text: ArraySlice<UInt8>) -> UInt32 {
        let hash = unsafe text.withUnsafeBytes { unsafe hash64($0) }
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 {
            let index = Int(slots[slot]) - 1
            if hashes[index] == hash, values.bytes(at: index).elementsEqual(text) {
                return slots[slot]
            }
            slot = (slot + 1) & mask
        }
        values.append(text)
        hashes.append(hash)
        slots[slot] = UInt32(values.count)
        if values.count * 2 > slots.count { grow() }
        return UInt32(values.count)
    }

    private mutating func grow() {
        let mask = slots.count * 2 - 1
        slots = [UInt32](repeating: 0, count: mask + 1)
        for (index, hash) in hashes.enumerated() {
            var slot = Int(truncatingIfNeeded: hash) & mask
            while slots[slot] != 0 { slot = (slot + 1) & mask }
            slots[slot] = UInt32(index + 1)
        }
    }

    /// For each code its place in the order of values: null first, then texts by their bytes.
    func ranks() -> [UInt32] {
        let order = (0..<values.count).sorted { values.precedes($0, values, $1) }
        var ranks = [UInt32](repeating: 0, count: values.count + 1)
        for (place, index) in order.enumerated() { ranks[index + 1] = UInt32(place + 1) }
        return ranks
    }
}

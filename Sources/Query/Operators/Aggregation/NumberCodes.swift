internal import Base
internal import Expressions

/// Numbers the distinct 64-bit values that it meets, from 1, in the order of their first
/// appearance; 0 stands for NULL.
///
/// Values that lie close together are looked up in a table by their distance from the least;
/// others are hashed. Neighbouring rows often have the same value, so that is tried first.
struct NumberCodes: Sendable {
    private struct Slot {
        var value: Int64 = 0
        /// 0 where the slot is free.
        var code: UInt32 = 0
    }

    /// Beyond so many, distances are not looked up directly.
    private static let spanMost: UInt64 = 1 << 17

    /// The value of code `k` is `values[k - 1]`.
    private(set) var values: [Int64] = []
    /// A power of two, at most half full.
    private var slots = [Slot](repeating: Slot(), count: 16)
    /// By distance from `least` a code, 0 where none was given; empty while not used.
    private var direct: [UInt32] = []
    private var least: Int64 = 0

    /// The memory of the values and tables, in bytes.
    var byteCount: Int { values.capacity * 8 + slots.count * 16 + direct.count * 4 }

    /// The code of a value, given out now if it is new.
    mutating func code(of value: Int64) -> UInt32 {
        let slot = Self.search(slots, value)
        if slots[slot].code != 0 { return slots[slot].code }
        values.append(value)
        let code = UInt32(values.count)
        slots[slot] = Slot(value: value, code: code)
        if values.count &* 2 > slots.count { grow() }
        return code
    }

    /// Writes the code of each row, 0 for rows without a value.
    mutating func codes(
        of numbers: [Int64], validity: Bitmap?, into codes: inout [UInt32]
    ) {
        resize(&codes, to: numbers.count)
        guard let first = numbers.first else { return }
        let bounds = validity.map { Self.bounds(numbers, of: $0) } ?? Self.bounds(numbers)
        guard let bounds else { return Self.fill(&codes, 0) }
        if bounds.lowerBound == bounds.upperBound, validity == nil {
            return Self.fill(&codes, code(of: first))
        }
        if cover(bounds) {
            lookUp(numbers, validity, into: &codes)
        } else {
            search(numbers, into: &codes)
        }
        if let validity { Self.clear(&codes, outside: validity) }
    }

    /// Sees that the table of distances covers the bounds; false where that would be too large.
    private mutating func cover(_ bounds: ClosedRange<Int64>) -> Bool {
        let lower = direct.isEmpty ? bounds.lowerBound : min(bounds.lowerBound, least)
        let known = direct.isEmpty ? bounds.upperBound : least &+ Int64(direct.count &- 1)
        let upper = max(bounds.upperBound, known)
        let (width, isTooWide) = upper.subtractingReportingOverflow(lower)
        if isTooWide || UInt64(width) >= Self.spanMost { return false }
        if !direct.isEmpty, lower == least, upper == known { return true }
        // Room for more, so that it does not grow with every batch.
        let room = min(Int(Self.spanMost), (Int(width) &+ 1) &* 2)
        var table = [UInt32](repeating: 0, count: room)
        for (index, value) in values.enumerated() {
            let (distance, overflow) = value.subtractingReportingOverflow(lower)
            if !overflow, distance >= 0, distance < Int64(room) {
                table[Int(distance)] = UInt32(index &+ 1)
            }
        }
        direct = table
        least = lower
        return true
    }

    private mutating func lookUp(
        _ numbers: [Int64], _ validity: Bitmap?, into codes: inout [UInt32]
    ) {
        var missing: [Int] = []
        let limit = UInt64(direct.count)
        do {
            let (source, table) = (numbers.span, direct.span)
            var target = codes.mutableSpan
            for row in source.indices {
                // A row without a value may lie outside.
                let distance = UInt64(bitPattern: source[row] &- least)
                let code = distance < limit ? table[Int(distance)] : 0
                target[row] = code
                if code == 0 { missing.append(row) }
            }
        }
        for row in missing where validity?[row] ?? true {
            let value = numbers[row]
            let code = code(of: value)
            direct[Int(value &- least)] = code
            codes[row] = code
        }
    }

    private mutating func search(_ numbers: [Int64], into codes: inout [UInt32]) {
        var last = numbers[0]
        var lastCode = code(of: last)
        var start = 0
        while start < numbers.count {
            start = Self.search(
                numbers, from: start, slots, &last, &lastCode, into: &codes)
            if start < numbers.count {
                last = numbers[start]
                lastCode = code(of: last)
                codes[start] = lastCode
                start += 1
            }
        }
    }

    /// Goes on as long as values are known; the first row whose value is not.
    private static func search(
        _ numbers: [Int64], from start: Int, _ slots: [Slot], _ last: inout Int64,
        _ lastCode: inout UInt32, into codes: inout [UInt32]
    ) -> Int {
        let (source, table) = (numbers.span, slots.span)
        var target = codes.mutableSpan
        let mask = table.count &- 1
        var (value, code) = (last, lastCode)
        defer { (last, lastCode) = (value, code) }
        for row in start..<source.count {
            let wanted = source[row]
            if wanted != value {
                var slot = place(wanted) & mask
                // SAFETY: the mask keeps the slot within the table, whose size is a power of two.
                while unsafe table[unchecked: slot].code != 0,
                    unsafe table[unchecked: slot].value != wanted
                {
                    slot = (slot &+ 1) & mask
                }
                let found = unsafe table[unchecked: slot].code
                if found == 0 { return row }
                value = wanted
                code = found
            }
            target[row] = code
        }
        return source.count
    }

    private static func search(_ slots: [Slot], _ value: Int64) -> Int {
        let mask = slots.count &- 1
        var slot = place(value) & mask
        while slots[slot].code != 0, slots[slot].value != value { slot = (slot &+ 1) & mask }
        return slot
    }

    @inline(__always)
    private static func place(_ value: Int64) -> Int {
        Int(
            truncatingIfNeeded: fold(
                UInt64(bitPattern: value) ^ 0xA076_1D64_78BD_642F,
                0xE703_7ED1_A0B4_28DB))
    }

    private mutating func grow() {
        var larger = [Slot](repeating: Slot(), count: slots.count * 2)
        for (index, value) in values.enumerated() {
            let slot = Self.search(larger, value)
            larger[slot] = Slot(value: value, code: UInt32(index + 1))
        }
        slots = larger
    }

    /// The least and greatest; the numbers are not empty.
    private static func bounds(_ numbers: [Int64]) -> ClosedRange<Int64> {
        let numbers = numbers.span
        var (least, greatest) = (Int64.max, Int64.min)
        for row in numbers.indices {
            least = min(least, numbers[row])
            greatest = max(greatest, numbers[row])
        }
        return least...greatest
    }

    /// Of the rows with a value; nil where there are none.
    private static func bounds(_ numbers: [Int64], of rows: Bitmap) -> ClosedRange<Int64>? {
        let numbers = numbers.span
        var (least, greatest) = (Int64.max, Int64.min)
        for (index, word) in rows.words.enumerated() where word != 0 {
            let first = index &* 64
            for bit in 0..<min(64, numbers.count &- first)
            where (word &>> UInt64(bit)) & 1 == 1 {
                least = min(least, numbers[first &+ bit])
                greatest = max(greatest, numbers[first &+ bit])
            }
        }
        return least <= greatest ? least...greatest : nil
    }

    static func fill(_ codes: inout [UInt32], _ code: UInt32) {
        var target = codes.mutableSpan
        for row in target.indices { target[row] = code }
    }

    /// Makes the code of rows without a value 0.
    static func clear(_ codes: inout [UInt32], outside rows: Bitmap) {
        var target = codes.mutableSpan
        for (index, word) in rows.words.enumerated() where word != .max {
            let first = index &* 64
            for bit in 0..<min(64, target.count &- first)
            where (word &>> UInt64(bit)) & 1 == 0 {
                target[first &+ bit] = 0
            }
        }
    }
}

/// Floats as integers that order alike: NaN, which is one value, after all others.
@inline(__always)
func sortable(_ number: Double) -> Int64 {
    let pattern = Int64(bitPattern: number.isNaN ? Double.nan.bitPattern : number.bitPattern)
    // Of negative numbers all bits but the sign are inverted.
    return pattern ^ Int64(bitPattern: UInt64(bitPattern: pattern &>> 63) &>> 1)
}

/// The float of a sortable integer.
@inline(__always)
func float(sortable number: Int64) -> Double {
    Double(
        bitPattern: UInt64(
            bitPattern: number ^ Int64(bitPattern: UInt64(bitPattern: number &>> 63) &>> 1)))
}

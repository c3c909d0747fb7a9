internal import Base
internal import Glibc

/// A growing dictionary of byte strings: the same bytes get the same code, from 1 on, in the order
/// in which they first came.
///
/// Open addressing over hashes; a slot holds 32 bits of the hash and the code, so that growing
/// needs no string. About 20 ns a string that is known.
struct StringInterner {
    /// Entry `k - 1` is the string of code `k`.
    private(set) var table = StringTable()
    /// Hash in the upper half, code in the lower; 0 is free.
    ///
    /// The count is a power of two.
    private var slots = [UInt64](repeating: 0, count: 64)

    /// The memory of the dictionary, in bytes.
    var byteCount: Int { table.byteCount + slots.count * 8 }

    /// The code of the bytes; they are copied if they are new.
    mutating func intern(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        let hash = unsafe UInt32(truncatingIfNeeded: hash64(bytes) &>> 32)
        let mask = slots.count &- 1
        var index = Int(hash) & mask
        while slots[index] != 0 {
            if UInt32(truncatingIfNeeded: slots[index] &>> 32) == hash {
                let code = UInt32(truncatingIfNeeded: slots[index])
                if unsafe holds(bytes, at: Int(code) &- 1) { return code }
            }
            index = (index &+ 1) & mask
        }
        unsafe table.append(bytes)
        let code = UInt32(table.count)
        slots[index] = UInt64(hash) &<< 32 | UInt64(code)
        if table.count * 2 > slots.count { grow() }
        return code
    }

    /// The code of a string.
    mutating func intern(_ string: String) -> UInt32 {
        var copy = string
        return copy.withUTF8 { unsafe intern(UnsafeRawBufferPointer($0)) }
    }

    /// The code of an entry of another dictionary.
    mutating func intern(_ dictionary: StringTable, entry: Int) -> UInt32 {
        unsafe dictionary.bytes.withUnsafeBytes { bytes in
            unsafe intern(UnsafeRawBufferPointer(rebasing: bytes[dictionary.range(entry)]))
        }
    }

    /// Translates all codes of another dictionary: `codes[k]` becomes the code here of its entry
    /// `k - 1`, and `codes[0]` is 0, the code of absence.
    mutating func internAll(_ dictionary: StringTable, into codes: inout [UInt32]) {
        codes.removeAll(keepingCapacity: true)
        codes.append(0)
        codes.reserveCapacity(dictionary.count + 1)
        unsafe dictionary.bytes.withUnsafeBytes { bytes in
            for entry in 0..<dictionary.count {
                codes.append(
                    unsafe intern(UnsafeRawBufferPointer(rebasing: bytes[dictionary.range(entry)])))
            }
        }
    }

    private func holds(_ bytes: UnsafeRawBufferPointer, at entry: Int) -> Bool {
        let range = table.range(entry)
        guard range.count == bytes.count else { return false }
        guard let other = bytes.baseAddress, !range.isEmpty else { return true }
        return unsafe table.bytes.withUnsafeBytes {
            // SAFETY: the range is that of an entry of the table, so it is not empty memory.
            guard let base = $0.baseAddress else { return false }
            return unsafe memcmp(base + range.lowerBound, other, range.count) == 0
        }
    }

    private mutating func grow() {
        var larger = [UInt64](repeating: 0, count: slots.count * 2)
        let mask = larger.count &- 1
        for slot in slots where slot != 0 {
            var index = Int(slot &>> 32) & mask
            while larger[index] != 0 { index = (index &+ 1) & mask }
            larger[index] = slot
        }
        slots = larger
    }
}

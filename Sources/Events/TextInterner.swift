internal import Base

/// Gives each distinct text of a column a code, from 1 on, in the order of first appearance.
///
/// Open addressing with linear probing. A slot is one word: 16 bits of the generation, 16 of the
/// hash, 32 of the code; so emptying the table is counting the generation up, and a slot of
/// another generation is free.
@safe
struct TextInterner: ~Copyable {
    private var offsets = GrowingBuffer<UInt32>()
    private var bytes = GrowingBuffer<UInt8>()
    private var slots: UnsafeMutablePointer<UInt64>
    private var slotCount = 64
    private var generation: UInt64 = 1

    init() {
        unsafe slots = .allocate(capacity: slotCount)
        unsafe slots.initialize(repeating: 0, count: slotCount)
        offsets.append(0)
        bytes.reserve(wordBytes)
    }

    deinit { unsafe slots.deallocate() }

    /// How many distinct texts there are.
    var count: Int { offsets.count - 1 }

    /// The bytes that the dictionary takes.
    var byteCount: Int { bytes.count + offsets.count * 4 }

    /// The dictionary: entry `k - 1` has the code `k`.
    borrowing func table() -> StringTable {
        StringTable(offsets: offsets.array(), bytes: bytes.array())
    }

    mutating func removeAll() {
        offsets.removeAll()
        offsets.append(0)
        bytes.removeAll()
        generation += 1
        if generation > 0xFFFF {
            generation = 1
            unsafe slots.update(repeating: 0, count: slotCount)
        }
    }

    /// Appends the codes of texts; an address of 0 is an absent text, which has the code 0.
    ///
    /// Seven bytes behind each text must be readable.
    mutating func intern(_ texts: TextList, into codes: inout GrowingBuffer<UInt32>) {
        codes.reserve(texts.count)
        var last: UInt32 = 0
        for index in 0..<texts.count {
            guard let text = unsafe texts[index] else {
                codes.append(0)
                continue
            }
            // Runs are common: a session's rows carry the same browser and page.
            let isRepeated = unsafe last > 0 && isEntry(Int(last), text.start, text.count)
            if !isRepeated {
                last = unsafe code(of: text.start, text.count)
            }
            codes.append(last)
        }
    }

    private mutating func code(of text: UnsafeRawPointer, _ length: Int) -> UInt32 {
        let hash = unsafe shortHash(text, length)
        let tag = generation &<< 48 | (hash &>> 48) &<< 32
        let mask = slotCount &- 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while true {
            // In bounds: the mask keeps `slot` below the number of slots, a power of two.
            let entry = unsafe slots[slot]
            if entry &>> 48 != generation { break }
            let isFound =
                unsafe entry & 0xFFFF_FFFF_0000_0000 == tag
                && isEntry(Int(entry & 0xFFFF_FFFF), text, length)
            if isFound { return UInt32(truncatingIfNeeded: entry) }
            slot = (slot &+ 1) & mask
        }
        unsafe bytes.append(text.assumingMemoryBound(to: UInt8.self), count: length)
        bytes.reserve(wordBytes)
        offsets.append(UInt32(bytes.count))
        unsafe slots[slot] = tag | UInt64(count)
        let added = UInt32(count)
        if count &* 2 > slotCount { growSlots() }
        return added
    }

    /// Whether the text of a code is the given one.
    @inline(__always)
    private func isEntry(_ code: Int, _ text: UnsafeRawPointer, _ length: Int) -> Bool {
        let start = Int(offsets[code &- 1])
        guard Int(offsets[code]) &- start == length else { return false }
        return unsafe sameBytes(UnsafeRawPointer(bytes.base) + start, text, length)
    }

    private mutating func growSlots() {
        unsafe slots.deallocate()
        slotCount *= 4
        unsafe slots = .allocate(capacity: slotCount)
        unsafe slots.initialize(repeating: 0, count: slotCount)
        for code in 1...count {
            let start = Int(offsets[code - 1])
            let hash = unsafe shortHash(
                UnsafeRawPointer(bytes.base) + start, Int(offsets[code]) - start)
            var slot = Int(truncatingIfNeeded: hash) & (slotCount - 1)
            while unsafe (slots[slot] != 0) { slot = (slot + 1) & (slotCount - 1) }
            unsafe slots[slot] = generation << 48 | (hash >> 48) << 32 | UInt64(code)
        }
    }
}

/// Texts by address and length, as the decoder gives them.
@safe
struct TextList {
    private let starts: UnsafePointer<UInt64>
    private let lengths: UnsafePointer<UInt32>
    let count: Int

    init(starts: UnsafePointer<UInt64>, lengths: UnsafePointer<UInt32>, count: Int) {
        unsafe self.starts = starts
        unsafe self.lengths = lengths
        self.count = count
    }

    /// Text `index`, which is below `count`, or nil where it is absent.
    @inline(__always)
    subscript(index: Int) -> (start: UnsafeRawPointer, count: Int)? {
        guard let start = unsafe UnsafeRawPointer(bitPattern: UInt(starts[index])) else {
            return nil
        }
        return unsafe (start, Int(lengths[index]))
    }

    /// The bytes of all texts together.
    var byteCount: Int {
        var total = 0
        for index in 0..<count { total &+= unsafe Int(lengths[index]) }
        return total
    }
}

/// The bytes of the words by which texts are compared and hashed.
private let wordBytes = 8

/// The bytes of a word that belong to a text of less than eight bytes.
@inline(__always)
private func shortWord(_ text: UnsafeRawPointer, _ length: Int) -> UInt64 {
    let word = UInt64(littleEndian: unsafe text.loadUnaligned(as: UInt64.self))
    return word & ((1 &<< UInt64(length &* 8)) &- 1)
}

@inline(__always)
private func sameBytes(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, _ length: Int) -> Bool {
    if length < 8 {
        return unsafe shortWord(left, length) == shortWord(right, length)
    }
    var offset = 0
    while offset &+ 8 < length {
        let first = unsafe left.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        let second = unsafe right.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        if first != second { return false }
        offset &+= 8
    }
    let first = unsafe left.loadUnaligned(fromByteOffset: length &- 8, as: UInt64.self)
    let second = unsafe right.loadUnaligned(fromByteOffset: length &- 8, as: UInt64.self)
    return first == second
}

/// A hash that lives as long as one block, so that it may be simpler than `hash64`.
@inline(__always)
private func shortHash(_ text: UnsafeRawPointer, _ length: Int) -> UInt64 {
    var state = 0x9E37_79B9_7F4A_7C15 ^ UInt64(truncatingIfNeeded: length)
    if length < 8 {
        return unsafe fold(state ^ shortWord(text, length), 0x8EBC_6AF0_9C88_C6E3)
    }
    var offset = 0
    while offset &+ 8 < length {
        let word = unsafe text.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        state = fold(state ^ word, 0xE703_7ED1_A0B4_28DB)
        offset &+= 8
    }
    let last = unsafe text.loadUnaligned(fromByteOffset: length &- 8, as: UInt64.self)
    return fold(state ^ last, 0x8EBC_6AF0_9C88_C6E3)
}

internal import Base
internal import Glibc

/// The set of ids under a dedup ledger: for each the number of the epoch it was last seen in.
///
/// Open addressing over buckets of one cache line:
///
/// ```
/// byte  0       8            48      56 57          62 63
///       +-------+---- ... ---+-------+--+--- ... ---+--+--------+
///       | id 0  |            | id 6  |e0|           |e6| passed |
///       +-------+---- ... ---+-------+--+--- ... ---+--+--------+
/// ```
///
/// An id is 64 bits of hash, never 0; its epoch is 1 to 127, and 0 where the slot is free. A bucket
/// that is full passes ids on to the next; `passed` counts them (255: that or more, for ever), so
/// that a search ends at the first bucket that passed none. A slot whose epoch lies before the
/// oldest that counts is dead: it can be taken, and `sweep` clears it.
@safe
struct DedupTable: ~Copyable {
    static let slotsPerBucket = 7
    static let bucketBytes = 64
    static let epochMax: UInt8 = 127

    private let words: UnsafeMutablePointer<UInt64>
    let bucketCount: Int
    /// Slots that hold an id, dead ones included.
    private(set) var occupiedCount = 0

    var byteCount: Int { bucketCount * Self.bucketBytes }
    var slotCount: Int { bucketCount * Self.slotsPerBucket }

    init(bucketCount: Int) {
        self.bucketCount = bucketCount
        let byteCount = bucketCount * Self.bucketBytes
        let memory = unsafe mmap(
            nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let memory = unsafe memory, unsafe memory != MAP_FAILED else {
            fatalError("no memory for the dedup window: \(byteCount) bytes")
        }
        // Huge pages save most of the address translations of a random access; advice only.
        if byteCount >= 2 << 20 { unsafe madvise(memory, byteCount, MADV_HUGEPAGE) }
        unsafe words = memory.bindMemory(to: UInt64.self, capacity: bucketCount * 8)
    }

    deinit { unsafe munmap(UnsafeMutableRawPointer(words), byteCount) }

    /// Reads the buckets that the ids will need, all at once, so that their cache misses overlap.
    ///
    /// The sum of what was read is of no use but to keep the reads.
    func warm(_ ids: Span<UInt64>) -> UInt64 {
        var sum: UInt64 = 0
        for index in ids.indices {
            sum &+= unsafe words[home(ids[index]) &* 8 &+ 7]
        }
        return sum
    }

    /// Marks the id as seen in `epoch`; gives the epoch it was last seen in, or 0 if that lies
    /// before `oldest` or the id is new.
    mutating func touch(_ id: UInt64, epoch: UInt8, oldest: UInt8) -> UInt8 {
        let first = home(id)
        var bucket = first
        var free = -1
        var freeBucket = 0
        while true {
            let base = unsafe words + bucket &* 8
            for slot in 0..<Self.slotsPerBucket where unsafe base[slot] == id {
                let previous = readEpoch(bucket, slot)
                if previous != epoch { writeEpoch(bucket, slot, epoch) }
                return previous >= oldest ? previous : 0
            }
            let meta = unsafe base[7]
            if free < 0 {
                free = Self.deadSlot(meta, oldest)
                freeBucket = bucket
            }
            if meta &>> 56 == 0 { break }
            bucket = next(bucket)
            // In a table of a few buckets all may have passed an id on.
            if bucket == first { break }
        }
        while free < 0 {
            bucket = next(bucket)
            free = unsafe Self.deadSlot(words[bucket &* 8 &+ 7], oldest)
            freeBucket = bucket
        }
        clear(freeBucket, free)
        unsafe words[freeBucket &* 8 &+ free] = id
        writeEpoch(freeBucket, free, epoch)
        occupiedCount &+= 1
        changePassed(from: first, to: freeBucket, by: 1)
        return 0
    }

    /// Clears the dead slots of the buckets in the range.
    mutating func sweep(_ buckets: Range<Int>, oldest: UInt8) {
        for bucket in buckets {
            let dead = unsafe Self.deadMask(words[bucket &* 8 &+ 7], oldest)
            if dead == 0 { continue }
            for slot in 0..<Self.slotsPerBucket where (dead &>> UInt64(8 &* slot)) & 0x80 != 0 {
                clear(bucket, slot)
            }
        }
    }

    /// Lowers all epochs by `shift`.
    ///
    /// No slot may be dead, so sweep first.
    mutating func lowerEpochs(by shift: UInt8) {
        for bucket in 0..<bucketCount {
            for slot in 0..<Self.slotsPerBucket where unsafe words[bucket &* 8 &+ slot] != 0 {
                let epoch = readEpoch(bucket, slot)
                invariant(epoch > shift, "epoch \(epoch) is dead")
                writeEpoch(bucket, slot, epoch - shift)
            }
        }
    }

    /// The same ids in a table of another size; the memory of this one is given back on the way.
    consuming func resized(to bucketCount: Int, oldest: UInt8) -> DedupTable {
        var larger = DedupTable(bucketCount: bucketCount)
        let stepBytes = 2 << 20
        for bucket in 0..<self.bucketCount {
            for slot in 0..<Self.slotsPerBucket {
                let epoch = readEpoch(bucket, slot)
                if epoch < oldest { continue }
                _ = unsafe larger.touch(words[bucket &* 8 &+ slot], epoch: epoch, oldest: oldest)
            }
            let done = (bucket + 1) * Self.bucketBytes
            if done % stepBytes == 0 {
                let start = unsafe UnsafeMutableRawPointer(words) + (done - stepBytes)
                unsafe madvise(start, stepBytes, MADV_DONTNEED)
            }
        }
        return larger
    }

    /// Where the search for an id begins: the ids in order of their hash fill the table in order.
    private func home(_ id: UInt64) -> Int {
        Int(truncatingIfNeeded: id.multipliedFullWidth(by: UInt64(bucketCount)).high)
    }

    private func next(_ bucket: Int) -> Int { bucket &+ 1 == bucketCount ? 0 : bucket &+ 1 }

    private func readEpoch(_ bucket: Int, _ slot: Int) -> UInt8 {
        unsafe UInt8(truncatingIfNeeded: words[bucket &* 8 &+ 7] &>> UInt64(8 &* slot))
    }

    private func writeEpoch(_ bucket: Int, _ slot: Int, _ epoch: UInt8) {
        let shift = UInt64(8 &* slot)
        let meta = unsafe words[bucket &* 8 &+ 7] & ~(0xFF &<< shift)
        unsafe words[bucket &* 8 &+ 7] = meta | UInt64(epoch) &<< shift
    }

    /// The high bit of each epoch byte that is below `oldest`.
    ///
    /// All are below 128, so setting the high bit first keeps each byte's subtraction to itself.
    private static func deadMask(_ meta: UInt64, _ oldest: UInt8) -> UInt64 {
        let high: UInt64 = 0x8080_8080_8080_8080
        let alive = (meta | high) &- UInt64(oldest) &* 0x0101_0101_0101_0101
        return ~alive & (high &>> 8)
    }

    private static func deadSlot(_ meta: UInt64, _ oldest: UInt8) -> Int {
        let mask = deadMask(meta, oldest)
        return mask == 0 ? -1 : mask.trailingZeroBitCount &>> 3
    }

    /// Empties a slot, if an id is in it.
    private mutating func clear(_ bucket: Int, _ slot: Int) {
        let id = unsafe words[bucket &* 8 &+ slot]
        if id == 0 { return }
        changePassed(from: home(id), to: bucket, by: -1)
        unsafe words[bucket &* 8 &+ slot] = 0
        writeEpoch(bucket, slot, 0)
        occupiedCount &-= 1
    }

    /// Counts an id that moved on from each bucket between its home and its place.
    private mutating func changePassed(from home: Int, to place: Int, by change: Int) {
        var bucket = home
        while bucket != place {
            let meta = unsafe words[bucket &* 8 &+ 7]
            let passed = Int(meta &>> 56)
            // A count that reached its end stays: the search goes on, which costs only time.
            if passed != 255 {
                invariant(passed + change >= 0, "an id was counted out that was not counted in")
                let counted = UInt64(passed + change) &<< 56
                unsafe words[bucket &* 8 &+ 7] = meta & 0x00FF_FFFF_FFFF_FFFF | counted
            }
            bucket = next(bucket)
        }
    }
}

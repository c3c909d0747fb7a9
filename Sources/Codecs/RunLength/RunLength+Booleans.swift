internal import Base

extension RunLength {
    /// How many runs of equal neighbours there are.
    static func runCount(of bits: Bitmap) -> Int {
        guard bits.count > 0 else { return 0 }
        return changes(of: bits).reduce(1) { $0 + $1.nonzeroBitCount }
    }

    /// Words whose bits are set where a value differs from the one before it.
    private static func changes(of bits: Bitmap) -> [UInt64] {
        var changes = bits.words
        // The first value begins the first run, whatever it is.
        var previous: UInt64 = bits[0] ? 1 : 0
        for index in changes.indices {
            let word = changes[index]
            changes[index] = word ^ (word &<< 1 | previous)
            previous = word &>> 63
        }
        if bits.count & 63 != 0 {
            changes[changes.count - 1] &= (1 &<< UInt64(bits.count & 63)) &- 1
        }
        return changes
    }

    static func encode(_ bits: Bitmap, into target: inout [UInt8]) {
        var lengths: [UInt32] = []
        var start = 0
        for (index, word) in changes(of: bits).enumerated() {
            var rest = word
            while rest != 0 {
                let end = index * 64 + rest.trailingZeroBitCount
                lengths.append(UInt32(end - start))
                start = end
                rest &= rest &- 1
            }
        }
        lengths.append(UInt32(bits.count - start))
        target.append(bits[0] ? 1 : 0)
        target.appendVarint(UInt64(lengths.count))
        NumberStream.append(lengths, among: .simple, into: &target)
    }

    static func decodeBits(
        _ reader: inout ByteReader, count: Int
    ) throws(CorruptionError) -> Bitmap {
        let start = reader.offset
        let first = try reader.readByte()
        guard first <= 1 else {
            throw CorruptionError(offset: start, expected: "0 or 1", found: "\(first)")
        }
        let runs = try reader.readCount(atMost: count, of: "runs")
        var lengths = [UInt32](repeating: 0, count: runs)
        try NumberStream.decode(among: .simple, &reader, into: &lengths)
        var words = [UInt64](repeating: 0, count: (count + 63) / 64)
        var isSet = first == 1
        var place = 0
        for length in lengths {
            guard length > 0, Int(length) <= count - place else {
                throw CorruptionError(
                    offset: start, expected: "runs of \(count) values together",
                    found: "other lengths")
            }
            if isSet { setBits(&words, place..<place + Int(length)) }
            place += Int(length)
            isSet.toggle()
        }
        guard place == count else {
            throw CorruptionError(
                offset: start, expected: "runs of \(count) values together", found: "\(place)")
        }
        return Bitmap(words: words, count: count)
    }

    /// Sets the bits of a range that is not empty.
    private static func setBits(_ words: inout [UInt64], _ range: Range<Int>) {
        let first = range.lowerBound >> 6
        let last = (range.upperBound - 1) >> 6
        let head = UInt64.max &<< UInt64(range.lowerBound & 63)
        let tail = UInt64.max &>> UInt64(63 - (range.upperBound - 1) & 63)
        if first == last {
            words[first] |= head & tail
            return
        }
        words[first] |= head
        for index in first + 1..<last { words[index] = .max }
        words[last] |= tail
    }
}

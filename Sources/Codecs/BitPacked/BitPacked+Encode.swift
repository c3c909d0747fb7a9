internal import Base

extension BitPacked {
    static func encode<Number: StreamNumber>(
        _ numbers: [Number], _ statistics: NumberStatistics, into target: inout [UInt8]
    ) {
        target.appendZigzag(statistics.least)
        target.append(UInt8(statistics.width))
        pack(numbers, base: statistics.least, width: statistics.width, into: &target)
    }

    /// Appends the distances of the numbers from `base`, each of which needs at most `width` bits.
    static func pack<Number: StreamNumber>(
        _ numbers: [Number], base: Int64, width: Int, into target: inout [UInt8]
    ) {
        guard width > 0 else { return }
        invariant(width <= CodecLimits.packedWidthMax)
        let start = target.count
        let byteCount = packedByteCount(numbers.count, width: width)
        // The last word is stored whole; what it has too much is cut off again.
        target.append(contentsOf: repeatElement(0, count: byteCount + 8))
        unsafe target.withUnsafeMutableBytes { room in
            var place = start
            var word: UInt64 = 0
            var filled = 0
            for number in numbers {
                let distance = UInt64(bitPattern: Int64(truncatingIfNeeded: number) &- base)
                word |= distance &<< UInt64(filled)
                filled &+= width
                if filled >= 64 {
                    unsafe room.storeBytes(of: word, toByteOffset: place, as: UInt64.self)
                    place &+= 8
                    filled &-= 64
                    // Shifting by the whole width yields 0: the value ended with the word.
                    word = distance >> UInt64(width &- filled)
                }
            }
            unsafe room.storeBytes(of: word, toByteOffset: place, as: UInt64.self)
        }
        target.removeLast(8)
    }
}

internal import Base

extension [UInt8] {
    /// Appends an unsigned LEB128 varint.
    mutating func appendVarint(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }

    /// Appends a signed number as the varint of its zigzag form.
    mutating func appendZigzag(_ number: Int64) { appendVarint(zigzag(number)) }

    /// Appends numbers in their full width, little-endian.
    mutating func appendPlain<Number: BitwiseCopyable>(_ numbers: [Number]) {
        #if _endian(big)
            #error("the bytes of numbers are copied as they are: little-endian")
        #endif
        unsafe numbers.withUnsafeBytes { unsafe append(contentsOf: $0) }
    }
}

extension ByteReader {
    /// Copies `target.count` numbers in their full width, little-endian.
    mutating func readPlain<Number: BitwiseCopyable>(
        into target: inout [Number]
    ) throws(CorruptionError) {
        let start = offset
        let count = target.count * MemoryLayout<Number>.stride
        try skip(count)
        unsafe target.withUnsafeMutableBytes { room in
            unsafe bytes.withUnsafeBytes { source in
                unsafe room.copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: source[start..<start + count]))
            }
        }
    }
}

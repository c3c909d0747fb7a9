internal import Base

extension Plain {
    static func encode<Number: BitwiseCopyable>(_ numbers: [Number], into target: inout [UInt8]) {
        target.appendPlain(numbers)
    }

    static func encode(_ bits: Bitmap, into target: inout [UInt8]) {
        let byteCount = (bits.count + 7) / 8
        let words = bits.words
        unsafe words.withUnsafeBytes {
            unsafe target.append(contentsOf: UnsafeRawBufferPointer(rebasing: $0[..<byteCount]))
        }
    }

    static func encode(_ strings: StringTable, into target: inout [UInt8]) {
        var lengths = [UInt32](repeating: 0, count: strings.count)
        for index in lengths.indices {
            lengths[index] = strings.offsets[index &+ 1] &- strings.offsets[index]
        }
        let place = target.count
        target.append(0)
        target[place] = CodeStream.encode(lengths, into: &target).rawValue
        target.append(contentsOf: strings.bytes)
    }
}

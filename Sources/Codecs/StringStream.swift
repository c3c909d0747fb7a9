package import Base

/// Streams of byte strings: text, JSON text, aggregate states, dictionary entries.
package enum StringStream {
    /// Appends the values in the smallest encoding, and says which that is.
    package static func encode(_ strings: StringTable, into target: inout [UInt8]) -> Encoding {
        encode(strings, nested: false, into: &target)
    }

    /// The same for the entries of a block's dictionary, which are not made one again.
    static func encode(
        _ strings: StringTable, nested: Bool, into target: inout [UInt8]
    ) -> Encoding {
        if Constant.fits(strings) {
            Constant.encode(strings, into: &target)
            return .constant
        }
        var size = Plain.estimate(strings)
        // How few bits the numbers of digits take only shows when they are encoded.
        var digits: [UInt8] = []
        if let found = Digits.estimate(strings) {
            Digits.encode(strings, found.shape, into: &digits)
            size = min(size, digits.count)
        }
        let front = FrontCoded.estimate(strings)
        if let front { size = min(size, front.byteCount) }
        let dictionary = nested ? nil : DictionaryCoded.estimate(strings)
        if let dictionary { size = min(size, dictionary.byteCount) }
        if let dictionary, dictionary.byteCount == size {
            DictionaryCoded.encode(dictionary.parts, into: &target)
            return .dictionary
        }
        if digits.count == size {
            target += digits
            return .digits
        }
        if let front, front.byteCount == size {
            FrontCoded.encode(front.parts, into: &target)
            return .frontCoded
        }
        Plain.encode(strings, into: &target)
        return .plain
    }

    /// Encodes in one certain encoding; false where it cannot hold these values, or where it
    /// would surely not pay.
    package static func encode(
        _ strings: StringTable, as encoding: Encoding, into target: inout [UInt8]
    ) -> Bool {
        switch encoding {
        case .plain: Plain.encode(strings, into: &target)
        case .constant where Constant.fits(strings): Constant.encode(strings, into: &target)
        case .digits:
            guard let digits = Digits.estimate(strings) else { return false }
            Digits.encode(strings, digits.shape, into: &target)
        case .frontCoded:
            guard let front = FrontCoded.estimate(strings) else { return false }
            FrontCoded.encode(front.parts, into: &target)
        case .dictionary:
            guard let dictionary = DictionaryCoded.estimate(strings) else { return false }
            DictionaryCoded.encode(dictionary.parts, into: &target)
        default: return false
        }
        return true
    }

    /// Decodes `count` values, and reads no byte more than they take.
    package static func decode(
        _ encoding: Encoding, count: Int, from reader: inout ByteReader
    ) throws(CorruptionError) -> StringTable {
        try requireCount(count, reader.offset)
        switch encoding {
        case .plain: return try Plain.decodeStrings(&reader, count: count)
        case .constant: return try Constant.decodeStrings(&reader, count: count)
        case .digits: return try Digits.decode(&reader, count: count)
        case .frontCoded: return try FrontCoded.decode(&reader, count: count)
        case .dictionary: return try DictionaryCoded.decode(&reader, count: count)
        default: throw unsupported(encoding, "strings", reader.offset)
        }
    }
}

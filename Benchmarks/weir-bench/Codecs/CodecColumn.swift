internal import Base
internal import Codecs

/// The values of one block, of one of the kinds that streams hold.
enum CodecColumn: Equatable {
    case codes([UInt32])
    case integers([Int64])
    case floats([UInt64])
    case booleans(Bitmap)
    case strings(StringTable)
    /// Codes that follow from the rows of another column by a map.
    case following(codes: [UInt32], map: [UInt32], rows: [UInt32])

    var kind: String {
        switch self {
        case .codes: "codes"
        case .integers: "integers"
        case .floats: "floats"
        case .booleans: "booleans"
        case .strings: "strings"
        case .following: "codes"
        }
    }

    var count: Int {
        switch self {
        case .codes(let codes): codes.count
        case .integers(let integers): integers.count
        case .floats(let patterns): patterns.count
        case .booleans(let bits): bits.count
        case .strings(let strings): strings.count
        case .following(let codes, _, _): codes.count
        }
    }

    /// The bytes of the values side by side in their full width.
    var plainBytes: [UInt8] {
        if case .following(let codes, _, _) = self { return CodecColumn.codes(codes).plainBytes }
        var bytes: [UInt8] = []
        encode(as: .plain, into: &bytes)
        return bytes
    }

    /// Appends the values in an encoding, which must be able to hold them.
    func encode(as encoding: Encoding, into target: inout [UInt8]) {
        let fits =
            switch self {
            case .codes(let codes): CodeStream.encode(codes, as: encoding, into: &target)
            case .integers(let integers):
                IntegerStream.encode(integers, as: encoding, into: &target)
            case .floats(let patterns):
                FloatStream.encode(
                    patterns.map { Double(bitPattern: $0) }, as: encoding, into: &target)
            case .booleans(let bits): BooleanStream.encode(bits, as: encoding, into: &target)
            case .strings(let strings):
                StringStream.encode(strings, as: encoding, into: &target)
            case .following(let codes, let map, let rows):
                CodecColumn.append(codes, derived(map, rows), into: &target)
            }
        invariant(fits, "\(encoding) does not hold these \(kind)")
    }

    private static func append(
        _ codes: [UInt32], _ derived: [UInt32], into target: inout [UInt8]
    ) -> Bool {
        CorrelatedStream.encode(codes, following: derived, into: &target)
        return true
    }

    private func derived(_ map: [UInt32], _ rows: [UInt32]) -> [UInt32] {
        rows.map { map[Int($0)] }
    }

    /// Appends the values in the encoding that is chosen for them, and says which.
    func encode(into target: inout [UInt8]) -> Encoding {
        switch self {
        case .codes(let codes): CodeStream.encode(codes, into: &target)
        case .integers(let integers): IntegerStream.encode(integers, into: &target)
        case .floats(let patterns):
            FloatStream.encode(patterns.map { Double(bitPattern: $0) }, into: &target)
        case .booleans(let bits): BooleanStream.encode(bits, into: &target)
        case .strings(let strings): StringStream.encode(strings, into: &target)
        case .following: .correlated
        }
    }

    /// Decodes as many values of the same kind; the first and the last one, so that the work is not
    /// left out.
    func decodeEnds(
        _ encoding: Encoding, _ bytes: [UInt8]
    ) throws(CorruptionError) -> UInt64 {
        var reader = ByteReader(bytes.span)
        switch self {
        case .codes:
            let codes = try CodeStream.decode(encoding, count: count, from: &reader)
            return UInt64(codes[0]) &+ UInt64(codes[count - 1])
        case .integers:
            let integers = try IntegerStream.decode(encoding, count: count, from: &reader)
            return UInt64(bitPattern: integers[0] &+ integers[count - 1])
        case .floats:
            let floats = try FloatStream.decode(encoding, count: count, from: &reader)
            return floats[0].bitPattern &+ floats[count - 1].bitPattern
        case .booleans:
            let bits = try BooleanStream.decode(encoding, count: count, from: &reader)
            return bits.words[0] &+ bits.words[bits.words.count - 1]
        case .strings:
            let strings = try StringStream.decode(encoding, count: count, from: &reader)
            return UInt64(strings.bytes[0]) &+ UInt64(strings.bytes[strings.bytes.count - 1])
        case .following(_, let map, let rows):
            var codes = derived(map, rows)
            try CorrelatedStream.decode(from: &reader, following: &codes)
            return UInt64(codes[0]) &+ UInt64(codes[count - 1])
        }
    }

    /// Decodes as many values of the same kind.
    func decoded(
        _ encoding: Encoding, _ bytes: [UInt8]
    ) throws(CorruptionError) -> CodecColumn {
        var reader = ByteReader(bytes.span)
        switch self {
        case .codes:
            return .codes(try CodeStream.decode(encoding, count: count, from: &reader))
        case .integers:
            return .integers(try IntegerStream.decode(encoding, count: count, from: &reader))
        case .floats:
            let floats = try FloatStream.decode(encoding, count: count, from: &reader)
            return .floats(floats.map(\.bitPattern))
        case .booleans:
            return .booleans(try BooleanStream.decode(encoding, count: count, from: &reader))
        case .strings:
            return .strings(try StringStream.decode(encoding, count: count, from: &reader))
        case .following(_, let map, let rows):
            var codes = derived(map, rows)
            try CorrelatedStream.decode(from: &reader, following: &codes)
            return .following(codes: codes, map: map, rows: rows)
        }
    }
}

internal import Base
internal import Codecs
internal import Expressions

/// Turns vectors into blocks; keeps its context and buffers from block to block.
struct BlockEncoder: ~Copyable {
    private var compressor: ZstdCompressor
    private let isCompressing: Bool
    /// The body before compression, and after.
    private var body: [UInt8] = []
    private var compressed: [UInt8] = []

    init(compressionLevel: Int?) {
        compressor = ZstdCompressor(level: compressionLevel ?? 1)
        isCompressing = compressionLevel != nil
    }

    /// Gives up the memory that a large block left behind.
    mutating func releaseBuffers() {
        body = []
        compressed = []
    }

    /// What the body of a block holds once it is encoded.
    private struct Content {
        var encoding: Encoding
        var kind: BlockHeader.Kind
        var nulls: BlockHeader.Nulls
    }

    /// Appends a block of the vector; as codes only if the column has a dictionary.
    mutating func append(_ vector: Vector, coded: Bool, to target: inout [UInt8]) {
        body.removeAll(keepingCapacity: true)
        let content = encode(vector, coded: coded)
        seal(content, rowCount: vector.count, to: &target)
    }

    /// Appends a block of codes that mostly are the derived ones.
    mutating func append(
        _ codes: [UInt32], following derived: [UInt32], to target: inout [UInt8]
    ) {
        body.removeAll(keepingCapacity: true)
        CorrelatedStream.encode(codes, following: derived, into: &body)
        let content = Content(encoding: .correlated, kind: .codes, nulls: .none)
        seal(content, rowCount: codes.count, to: &target)
    }

    /// Appends a block of integers, as differences from the source's if these are much smaller;
    /// whether they are.
    mutating func append(
        _ integers: [Int64], near source: [Int64], to target: inout [UInt8]
    ) -> Bool {
        body.removeAll(keepingCapacity: true)
        let own = IntegerStream.encode(integers, into: &body)
        let ownBytes = body.count
        CorrelatedStream.encode(integers, following: source, into: &body)
        let isNear = body.count - ownBytes < ownBytes / 4 * 3
        if isNear { body.removeFirst(ownBytes) } else { body.removeLast(body.count - ownBytes) }
        let content = Content(
            encoding: isNear ? .correlated : own, kind: .integers, nulls: .none)
        seal(content, rowCount: integers.count, to: &target)
        return isNear
    }

    /// Appends the block of a map.
    mutating func append(map: [UInt32], to target: inout [UInt8]) {
        body.removeAll(keepingCapacity: true)
        let encoding = CodeStream.encode(map, into: &body)
        let content = Content(encoding: encoding, kind: .codes, nulls: .none)
        seal(content, rowCount: map.count, to: &target)
    }

    /// Appends the block of a dictionary.
    mutating func append(dictionary: StringTable, to target: inout [UInt8]) {
        body.removeAll(keepingCapacity: true)
        let encoding = StringStream.encode(dictionary, into: &body)
        let content = Content(encoding: encoding, kind: .strings, nulls: .none)
        seal(content, rowCount: dictionary.count, to: &target)
    }

    private mutating func encode(_ vector: Vector, coded: Bool) -> Content {
        if coded {
            guard case .codes(let codes, _) = vector.values else {
                fatalError("a column with a dictionary takes codes")
            }
            let encoding = CodeStream.encode(codes, into: &body)
            return Content(encoding: encoding, kind: .codes, nulls: .none)
        }
        let kind = BlockHeader.Kind(vector)
        let validity = vector.presence
        guard let validity else { return encode(vector.values, kind, nil) }
        let population = validity.population
        if population == vector.count { return encode(vector.values, kind, nil) }
        if population == 0 { return Content(encoding: .plain, kind: kind, nulls: .all) }
        let nulls = encode(validity)
        return encode(vector.values, kind, validity, nulls)
    }

    /// Begins the body with the rows that have a value.
    private mutating func encode(_ validity: Bitmap) -> BlockHeader.Nulls {
        body.append(0)
        let encoding = BooleanStream.encode(validity, into: &body)
        if encoding == .plain {
            body.removeFirst()
            return .bitmap
        }
        body[0] = encoding.rawValue
        return .stream
    }

    private mutating func encode(
        _ values: Vector.Values, _ kind: BlockHeader.Kind, _ validity: Bitmap?,
        _ nulls: BlockHeader.Nulls = .none
    ) -> Content {
        let encoding =
            switch values {
            case .codes(let codes, let dictionary):
                StringStream.encode(presentValues(codes: codes, dictionary), into: &body)
            case .strings(let table):
                StringStream.encode(
                    validity.map { presentValues(table, $0) } ?? table, into: &body)
            case .integers(let numbers):
                IntegerStream.encode(
                    validity.map { presentValues(numbers, $0) } ?? numbers, into: &body)
            case .floats(let numbers):
                FloatStream.encode(
                    validity.map { presentValues(numbers, $0) } ?? numbers, into: &body)
            case .booleans(let bits):
                BooleanStream.encode(
                    validity.map { presentValues(bits, $0) } ?? bits, into: &body)
            }
        return Content(encoding: encoding, kind: kind, nulls: nulls)
    }

    private static func compress(
        _ body: [UInt8], with compressor: inout ZstdCompressor, into target: inout [UInt8]
    ) -> Bool {
        compressor.append(body.span, to: &target)
    }

    /// Compresses the body where that pays, and appends header and body.
    private mutating func seal(
        _ content: Content, rowCount: Int, to target: inout [UInt8]
    ) {
        invariant(body.count <= CodecLimits.bodyBytesMax, "a body of \(body.count) bytes")
        invariant(rowCount <= CodecLimits.valuesMax, "a block of \(rowCount) rows")
        compressed.removeAll(keepingCapacity: true)
        let isCompressed =
            isCompressing && BlockEncoder.compress(body, with: &compressor, into: &compressed)
        var header = BlockHeader(
            encoding: content.encoding, kind: content.kind, nulls: content.nulls,
            compression: .none, rowCount: rowCount, bodyBytes: body.count,
            storedBytes: body.count)
        if isCompressed {
            header.compression = .zstd
            header.storedBytes = compressed.count
            header.append(stored: compressed.span, to: &target)
            target.append(contentsOf: compressed)
        } else {
            header.append(stored: body.span, to: &target)
            target.append(contentsOf: body)
        }
    }
}

extension BlockHeader.Kind {
    /// The kind of a vector's values when they are not kept as codes.
    init(_ vector: Vector) {
        self =
            switch vector.values {
            case .codes, .strings: .strings
            case .integers: .integers
            case .floats: .floats
            case .booleans: .booleans
            }
    }
}

extension Vector {
    /// Which rows have a value, for codes too; nil where all have.
    var presence: Bitmap? {
        guard case .codes(let codes, _) = values else { return validity }
        var words = [UInt64](repeating: 0, count: (codes.count + 63) / 64)
        for row in codes.indices where codes[row] != 0 {
            words[row &>> 6] |= 1 &<< UInt64(row & 63)
        }
        return Bitmap(words: words, count: codes.count)
    }

    /// How many rows have no value.
    var nullCount: Int {
        if case .codes(let codes, _) = values {
            var count = 0
            for code in codes where code == 0 { count &+= 1 }
            return count
        }
        return validity.map { $0.count - $0.population } ?? 0
    }
}

internal import Base
internal import Codecs
internal import Expressions

// The payload of a log frame: one block, in two sections that are each compressed where it pays.
// The ids and times come first, so that a silent replay need not decompress the rest. The bytes
// are described in format-spec.md, "Event blocks".

/// Encodes blocks as log payloads, one after the other, with one compression context.
package struct EventBlockEncoder: ~Copyable {
    private var compressor = ZstdCompressor(level: 1)
    private var section: [UInt8] = []

    /// An encoder for one thread; its compression context is made here and kept.
    package init() {}

    /// The block as a log payload.
    package mutating func encode(_ block: EventBlock) -> [UInt8] {
        invariant(block.count > 0 && block.count <= EventPayload.rowsMax)
        var payload: [UInt8] = []
        payload.reserveCapacity(64 + block.byteCount / 4)
        payload.append(EventPayload.version)
        section.removeAll(keepingCapacity: true)
        section.appendIdentities(of: block)
        Self.append(section, with: &compressor, to: &payload)
        section.removeAll(keepingCapacity: true)
        section.appendColumns(of: block)
        Self.append(section, with: &compressor, to: &payload)
        return payload
    }

    /// Appends a section: its method, its length, and its bytes.
    private static func append(
        _ section: [UInt8], with compressor: inout ZstdCompressor, to payload: inout [UInt8]
    ) {
        let start = payload.count
        payload.append(EventPayload.Method.zstd.rawValue)
        payload.append(varint: section.count)
        // The length of the frame is known after it was written: four bytes are kept for it.
        let lengthPlace = payload.count
        payload.append(contentsOf: [0, 0, 0, 0])
        if section.count >= EventPayload.compressedBytesMin,
            compressor.append(section.span, to: &payload)
        {
            let length = UInt32(payload.count - lengthPlace - 4)
            for index in 0..<4 {
                payload[lengthPlace + index] = UInt8(truncatingIfNeeded: length >> (8 * index))
            }
            return
        }
        payload.removeLast(payload.count - lengthPlace)
        payload[start] = EventPayload.Method.plain.rawValue
        payload.append(contentsOf: section)
    }
}

/// The constants of the payload's format.
enum EventPayload {
    /// Counted up when the bytes change their meaning.
    static let version: UInt8 = 1
    /// More rows are in no block.
    static let rowsMax = CodecLimits.valuesMax
    /// No section is longer before compression.
    static let sectionBytesMax = 1 << 30
    /// No block has more values of properties: a bound on what damaged bytes can ask for.
    static let cellsMax = 1 << 26
    /// Shorter sections are not compressed: it would save little and cost microseconds.
    static let compressedBytesMin = 512

    /// How the bytes of a section are kept.
    enum Method: UInt8 {
        case plain = 0
        case zstd = 1
    }

    /// How the rows of a property column are written.
    enum RowForm: UInt8 {
        /// Every row has a value.
        case all = 0
        /// One bit a row.
        case bitmap = 1
        /// The numbers of the rows.
        case list = 2
    }
}

extension [UInt8] {
    mutating func append(varint number: Int) {
        var rest = UInt64(number)
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }

    fileprivate mutating func appendIdentities(of block: EventBlock) {
        append(varint: block.count)
        appendFixed(UInt64(bitPattern: block.receivedAt))
        append(block.assigned)
        append(block.timestamps)
        append(texts: block.eventIds)
    }

    fileprivate mutating func appendColumns(of block: EventBlock) {
        append(varint: block.skewedCount)
        for column in [block.eventType, block.userId, block.sessionId] {
            append(varint: column.dictionary.count)
            append(texts: column.dictionary)
            append(column.codes)
        }
        append(varint: block.properties.count)
        for column in block.properties {
            append(varint: column.name.utf8.count)
            append(contentsOf: column.name.utf8)
            append(column.type.rawValue)
            append(rows: column.rows, of: block.count)
            append(column.values)
        }
    }

    private mutating func append(_ values: PropertyColumn.Values) {
        switch values {
        case .codes(let codes, let dictionary):
            append(varint: dictionary.count)
            append(texts: dictionary)
            append(codes)
        case .integers(let integers): append(integers)
        case .floats(let floats):
            appendStream { FloatStream.encode(floats, into: &$0) }
        case .booleans(let booleans):
            var words = [UInt64](repeating: 0, count: (booleans.count + 63) / 64)
            for index in booleans.indices where booleans[index] {
                words[index &>> 6] |= 1 &<< UInt64(index & 63)
            }
            append(Bitmap(words: words, count: booleans.count))
        }
    }

    private mutating func append(rows: [UInt32], of count: Int) {
        if rows.count == count {
            append(EventPayload.RowForm.all.rawValue)
        } else if rows.count * 8 >= count {
            append(EventPayload.RowForm.bitmap.rawValue)
            var words = [UInt64](repeating: 0, count: (count + 63) / 64)
            for row in rows { words[Int(row) &>> 6] |= 1 &<< UInt64(row & 63) }
            append(Bitmap(words: words, count: count))
        } else {
            append(EventPayload.RowForm.list.rawValue)
            append(varint: rows.count)
            append(rows)
        }
    }

    private mutating func append(_ codes: [UInt32]) {
        appendStream { CodeStream.encode(codes, into: &$0) }
    }

    private mutating func append(_ integers: [Int64]) {
        appendStream { IntegerStream.encode(integers, into: &$0) }
    }

    private mutating func append(_ bits: Bitmap) {
        appendStream { BooleanStream.encode(bits, into: &$0) }
    }

    /// Lengths as a stream of codes, then all bytes.
    private mutating func append(texts table: StringTable) {
        var lengths = [UInt32](repeating: 0, count: table.count)
        for index in lengths.indices {
            lengths[index] = table.offsets[index &+ 1] &- table.offsets[index]
        }
        append(lengths)
        append(contentsOf: table.bytes)
    }

    /// The id of the encoding that was chosen, then the stream.
    private mutating func appendStream(_ encode: (inout [UInt8]) -> Encoding) {
        let place = count
        append(0)
        self[place] = encode(&self).rawValue
    }

    private mutating func appendFixed(_ number: UInt64) {
        for index in 0..<8 { append(UInt8(truncatingIfNeeded: number >> (8 * UInt64(index)))) }
    }
}

package import Base
internal import Codecs
internal import Expressions

/// The part of a payload that dedup and the watermark need.
package struct EventIdentities: Sendable, Equatable {
    /// The log time of the block.
    package var receivedAt: Milliseconds
    /// One id a row.
    package var eventIds: StringTable
    /// Rows whose id the server assigned.
    package var assigned: Bitmap
    /// One event time a row.
    package var timestamps: [Milliseconds]
}

extension EventBlock {
    /// The block as a log payload; an `EventBlockEncoder` that is kept is cheaper.
    package func encode() -> [UInt8] {
        var encoder = EventBlockEncoder()
        return encoder.encode(self)
    }

    /// The block of a payload, whose every length and code is checked.
    package static func decode(_ payload: [UInt8]) throws(CorruptionError) -> EventBlock {
        var reader = ByteReader(payload.span)
        try reader.readVersion()
        let identitySection = try reader.readSection()
        var identityReader = ByteReader(identitySection.span)
        let identities = try identityReader.readIdentities()
        let columnSection = try reader.readSection()
        try reader.requireEnd()
        var columnReader = ByteReader(columnSection.span)
        let count = identities.timestamps.count
        let skewedCount = try columnReader.readCount(atMost: count, of: "skewed events")
        let eventType = try columnReader.readField(count: count, least: 1)
        let userId = try columnReader.readField(count: count, least: 0)
        let sessionId = try columnReader.readField(count: count, least: 0)
        let properties = try columnReader.readProperties(count: count)
        try columnReader.requireEnd()
        return EventBlock(
            receivedAt: identities.receivedAt, eventIds: identities.eventIds,
            assigned: identities.assigned, eventType: eventType, userId: userId,
            sessionId: sessionId, timestamps: identities.timestamps, skewedCount: skewedCount,
            properties: properties)
    }

    /// Only the ids and times of a payload, without decompressing the rest.
    package static func decodeEventIds(
        _ payload: [UInt8]
    ) throws(CorruptionError) -> EventIdentities {
        var reader = ByteReader(payload.span)
        try reader.readVersion()
        let section = try reader.readSection()
        var sectionReader = ByteReader(section.span)
        return try sectionReader.readIdentities()
    }
}

extension ByteReader {
    fileprivate mutating func readVersion() throws(CorruptionError) {
        let version = try readByte()
        guard version == EventPayload.version else {
            throw CorruptionError(
                offset: 0, expected: "version \(EventPayload.version)", found: "\(version)")
        }
    }

    /// The bytes of the next section, decompressed.
    fileprivate mutating func readSection() throws(CorruptionError) -> [UInt8] {
        let start = offset
        let id = try readByte()
        guard let method = EventPayload.Method(rawValue: id) else {
            throw CorruptionError(offset: start, expected: "method 0 or 1", found: "\(id)")
        }
        let count = try readCount(
            atMost: EventPayload.sectionBytesMax, of: "bytes of a section")
        switch method {
        case .plain: return try readBytes(count)
        case .zstd:
            let stored = try readBytes(Int(try readFixed(UInt32.self)))
            // Level 1 of Zstd reaches about this ratio at most, on runs of one byte.
            guard count / 65_536 <= stored.count else {
                throw CorruptionError(
                    offset: start, expected: "a plausible length",
                    found: "\(count) bytes from \(stored.count)")
            }
            var section: [UInt8] = []
            var decompressor = ZstdDecompressor()
            do throws(CorruptionError) {
                try decompressor.decompress(stored.span, count: count, into: &section)
            } catch {
                throw error.located(in: "", base: start)
            }
            return section
        }
    }

    fileprivate mutating func readIdentities() throws(CorruptionError) -> EventIdentities {
        let count = try readCount(atMost: EventPayload.rowsMax, of: "events")
        guard count > 0 else {
            throw CorruptionError(offset: 0, expected: "an event", found: "none")
        }
        let receivedAt = try readFixed(Int64.self)
        let assigned = try BooleanStream.decode(try readEncoding(), count: count, from: &self)
        let timestamps = try IntegerStream.decode(try readEncoding(), count: count, from: &self)
        let eventIds = try readTexts(count: count)
        try requireEnd()
        return EventIdentities(
            receivedAt: receivedAt, eventIds: eventIds, assigned: assigned, timestamps: timestamps)
    }

    fileprivate mutating func readField(
        count: Int, least: UInt32
    ) throws(CorruptionError) -> CodedColumn {
        let dictionary = try readDictionary(rowCount: count)
        let codes = try readCodes(count: count, least: least, dictionary)
        return CodedColumn(codes: codes, dictionary: dictionary)
    }

    fileprivate mutating func readProperties(
        count: Int
    ) throws(CorruptionError) -> [PropertyColumn] {
        let columnCount = try readCount(atMost: remaining, of: "columns")
        var cellCount = 0
        var columns: [PropertyColumn] = []
        for _ in 0..<columnCount {
            let start = offset
            let column = try readProperty(count: count)
            cellCount += column.rows.count
            guard cellCount <= EventPayload.cellsMax else {
                throw CorruptionError(
                    offset: start, expected: "at most \(EventPayload.cellsMax) values",
                    found: "more")
            }
            if let last = columns.last,
                !PropertyColumn.precedes(
                    last.name, last.type.rawValue, column.name, column.type.rawValue)
            {
                throw CorruptionError(
                    offset: start, expected: "columns in order", found: column.name)
            }
            columns.append(column)
        }
        return columns
    }

    private mutating func readProperty(count: Int) throws(CorruptionError) -> PropertyColumn {
        let name = try readString(atMost: EventPayload.sectionBytesMax)
        let start = offset
        let id = try readByte()
        guard let type = ValueType(rawValue: id) else {
            throw CorruptionError(offset: start, expected: "a type", found: "\(id)")
        }
        let rows = try readRows(of: count)
        let values: PropertyColumn.Values
        switch type {
        case .string, .json:
            let dictionary = try readDictionary(rowCount: rows.count)
            let codes = try readCodes(count: rows.count, least: 1, dictionary)
            values = .codes(codes, dictionary: dictionary)
        case .integer:
            values = .integers(
                try IntegerStream.decode(try readEncoding(), count: rows.count, from: &self))
        case .float:
            values = .floats(
                try FloatStream.decode(try readEncoding(), count: rows.count, from: &self))
        case .boolean:
            let bits = try BooleanStream.decode(
                try readEncoding(), count: rows.count, from: &self)
            values = .booleans((0..<bits.count).map { bits[$0] })
        case .timestamp, .state:
            throw CorruptionError(offset: start, expected: "a type of JSON", found: "\(type)")
        }
        return PropertyColumn(name: name, type: type, rows: rows, values: values)
    }

    private mutating func readRows(of count: Int) throws(CorruptionError) -> [UInt32] {
        let start = offset
        let id = try readByte()
        switch EventPayload.RowForm(rawValue: id) {
        case .all: return (0..<UInt32(count)).map { $0 }
        case .bitmap:
            let bits = try BooleanStream.decode(try readEncoding(), count: count, from: &self)
            return (0..<UInt32(count)).filter { bits[Int($0)] }
        case .list:
            let rowCount = try readCount(atMost: count, of: "rows")
            let rows = try CodeStream.decode(try readEncoding(), count: rowCount, from: &self)
            var next = 0
            for row in rows {
                guard row >= next, row < count else {
                    throw CorruptionError(
                        offset: start, expected: "ascending rows below \(count)", found: "\(row)")
                }
                next = Int(row) + 1
            }
            return rows
        case nil: throw CorruptionError(offset: start, expected: "a row form", found: "\(id)")
        }
    }

    private mutating func readDictionary(rowCount: Int) throws(CorruptionError) -> StringTable {
        // No entry without a row that has it.
        try readTexts(count: try readCount(atMost: rowCount, of: "dictionary entries"))
    }

    private mutating func readCodes(
        count: Int, least: UInt32, _ dictionary: StringTable
    ) throws(CorruptionError) -> [UInt32] {
        let start = offset
        let codes = try CodeStream.decode(try readEncoding(), count: count, from: &self)
        let greatest = UInt32(dictionary.count)
        var outsideCount = 0
        for code in codes { outsideCount &+= code < least || code > greatest ? 1 : 0 }
        guard outsideCount == 0 else {
            throw CorruptionError(
                offset: start, expected: "codes from \(least) to \(greatest)",
                found: "\(outsideCount) others")
        }
        return codes
    }

    private mutating func readTexts(count: Int) throws(CorruptionError) -> StringTable {
        let start = offset
        let lengths = try CodeStream.decode(try readEncoding(), count: count, from: &self)
        var offsets = [UInt32](repeating: 0, count: count + 1)
        var end: UInt64 = 0
        for index in 0..<count {
            end &+= UInt64(lengths[index])
            offsets[index &+ 1] = UInt32(truncatingIfNeeded: end)
        }
        guard end <= UInt64(remaining) else {
            throw CorruptionError(
                offset: start, expected: "\(end) bytes of texts", found: "\(remaining)")
        }
        return StringTable(offsets: offsets, bytes: try readBytes(Int(end)))
    }
}

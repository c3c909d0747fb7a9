package import Base
internal import CSimdjson
internal import Expressions

/// Gathers the events of one or more request bodies into a block.
///
/// A body is parsed and its values are sorted into columns by one call of the decoder (C++ around
/// simdjson); here each column's texts become codes into a dictionary that grows until the block
/// is finished. For one thread at a time.
@safe
package struct EventBlockBuilder: ~Copyable {
    private let limits: EventLimits
    private let decoder: OpaquePointer
    private var identifiers: IdentifierMaker

    private var timestamps = GrowingBuffer<Milliseconds>()
    private var skewedCount = 0
    private var idOffsets = GrowingBuffer<UInt32>()
    private var idBytes = GrowingBuffer<UInt8>()
    private var assignedWords = GrowingBuffer<UInt64>()
    private var eventTypes = FieldBuilder()
    private var userIds = FieldBuilder()
    private var sessionIds = FieldBuilder()
    private var columns = ColumnList()
    private var columnBytes = 0

    /// More columns than this are not kept from one block to the next: clients that invent names
    /// would fill the memory.
    private static let columnsKept = 2_048

    /// No block holds more events or bytes; who gathers finishes a block long before.
    package static let countMax = EventPayload.rowsMax
    /// The most bytes of a block; see `countMax`.
    package static let byteCountMax = 512 << 20

    /// A builder for one thread.
    package init(
        limits: EventLimits = EventLimits(), identifiers: IdentifierMaker = IdentifierMaker()
    ) {
        self.limits = limits
        self.identifiers = identifiers
        unsafe decoder = event_decoder_create(limits.forDecoder)
        idOffsets.append(0)
    }

    deinit { unsafe event_decoder_destroy(decoder) }

    /// How many events the builder holds.
    package var count: Int { timestamps.count }

    /// The memory of the events that the builder holds, in bytes, roughly.
    package var byteCount: Int {
        guard count > 0 else { return 0 }
        let fields = eventTypes.byteCount + userIds.byteCount + sessionIds.byteCount
        return count * 12 + idBytes.count + fields + columnBytes
    }

    /// Takes the valid events of a body, at once or not at all.
    ///
    /// With an idempotency key, event `i` of the body that has no `eventId` gets the id `key/i`.
    /// Events too far ahead of `receivedAt` get it as their time. On an error the builder is as it
    /// was before.
    package mutating func append(
        _ body: UnsafeRawBufferPointer, form: BodyForm, receivedAt: Milliseconds,
        idempotencyKey: String? = nil
    ) throws(BodyError) -> BodyOutcome {
        if let idempotencyKey {
            let longest = limits.identifierBytesMax - "/4294967295".utf8.count
            guard (1...max(1, longest)).contains(idempotencyKey.utf8.count) else {
                throw BodyError(
                    code: "invalid_idempotency_key",
                    message: "an Idempotency-Key has 1 to \(longest) bytes")
            }
        }
        var decoded = unsafe event_columns()
        // The result points into the decoder's memory, and for texts nowhere into the body.
        unsafe event_decoder_decode(
            decoder, body.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt64(body.count),
            form.forDecoder, limits.times(receivedAt), &decoded)
        defer { unsafe event_decoder_trim(decoder) }
        unsafe addColumns(decoded)
        if let error = unsafe BodyError(decoded, limits) { throw error }
        let isWithin = unsafe count + Int(decoded.count) <= Self.countMax
        guard isWithin, byteCount + 2 * body.count <= Self.byteCountMax else {
            throw BodyError(
                code: "body_too_large", message: "the body does not fit into one block",
                status: 413)
        }
        unsafe take(decoded, receivedAt: receivedAt, idempotencyKey: idempotencyKey)
        return unsafe BodyOutcome(
            acceptedCount: Int(decoded.count), rejected: rejections(of: decoded, limits))
    }

    /// Takes the valid events of a body that is an array.
    package mutating func append(
        _ body: [UInt8], form: BodyForm, receivedAt: Milliseconds, idempotencyKey: String? = nil
    ) throws(BodyError) -> BodyOutcome {
        let result = unsafe body.withUnsafeBytes { bytes in
            Result { () throws(BodyError) in
                try unsafe append(
                    bytes, form: form, receivedAt: receivedAt, idempotencyKey: idempotencyKey)
            }
        }
        return try result.get()
    }

    /// The events gathered since the last call, or nil if there are none; empties the builder.
    package mutating func finish(receivedAt: Milliseconds) -> EventBlock? {
        guard count > 0 else { return nil }
        let block = EventBlock(
            receivedAt: receivedAt,
            eventIds: StringTable(offsets: idOffsets.array(), bytes: idBytes.array()),
            assigned: Bitmap(words: assignedWords.array(), count: count),
            eventType: eventTypes.finish(), userId: userIds.finish(),
            sessionId: sessionIds.finish(), timestamps: timestamps.array(),
            skewedCount: skewedCount, properties: columns.finish())
        timestamps.removeAll()
        skewedCount = 0
        idOffsets.removeAll()
        idOffsets.append(0)
        idBytes.removeAll()
        assignedWords.removeAll()
        columnBytes = 0
        if columns.count > Self.columnsKept {
            columns.removeAll()
            unsafe event_decoder_forget(decoder)
        }
        return block
    }

    private mutating func take(
        _ decoded: event_columns, receivedAt: Milliseconds, idempotencyKey: String?
    ) {
        let rowCount = Int(unsafe decoded.count)
        guard rowCount > 0, let times = unsafe decoded.timestamps else { return }
        let firstRow = count
        let ids = unsafe TextList(decoded.event_ids, rowCount)
        unsafe appendIds(ids, decoded.indexes, receivedAt, idempotencyKey)
        unsafe timestamps.append(times, count: rowCount)
        skewedCount += Int(unsafe decoded.skewed_count)
        eventTypes.append(unsafe TextList(decoded.event_types, rowCount))
        userIds.append(unsafe TextList(decoded.user_ids, rowCount))
        sessionIds.append(unsafe TextList(decoded.session_ids, rowCount))
        for index in 0..<Int(unsafe decoded.touched_count) {
            let column = Int(unsafe decoded.touched[index])
            let values = unsafe decoded.columns[column]
            // Empty where the only event that had it was refused later.
            guard unsafe values.count > 0 else { continue }
            columnBytes += unsafe columns.append(values, to: column, firstRow: firstRow)
        }
    }

    /// Adds a builder for each column that the decoder has opened, also for a refused body: both
    /// sides number the columns alike.
    private mutating func addColumns(_ decoded: event_columns) {
        for index in columns.count..<max(columns.count, Int(unsafe decoded.column_count)) {
            let column = unsafe decoded.columns[index]
            let name = unsafe UnsafeBufferPointer(
                start: column.name, count: Int(column.name_length))
            let type = ValueType(rawValue: UInt8(truncatingIfNeeded: unsafe column.type))
            invariant(type != nil, "a column of an unknown type")
            columns.append(
                ColumnBuilder(
                    name: unsafe String(decoding: name, as: UTF8.self), type: type ?? .string))
        }
    }

    private mutating func appendIds(
        _ ids: TextList, _ indexes: UnsafePointer<UInt32>?, _ receivedAt: Milliseconds,
        _ idempotencyKey: String?
    ) {
        idOffsets.reserve(ids.count)
        idBytes.reserve(ids.byteCount)
        var made = StringTable()
        for index in 0..<ids.count {
            let row = timestamps.count &+ index
            if row & 63 == 0 { assignedWords.append(0) }
            if let id = unsafe ids[index] {
                unsafe idBytes.append(id.start.assumingMemoryBound(to: UInt8.self), count: id.count)
            } else if let idempotencyKey {
                let number = unsafe indexes?[index] ?? 0
                for byte in "\(idempotencyKey)/\(number)".utf8 { idBytes.append(byte) }
            } else {
                made.offsets.removeSubrange(1...)
                made.bytes.removeAll(keepingCapacity: true)
                identifiers.appendNext(at: receivedAt, to: &made)
                for byte in made.bytes { idBytes.append(byte) }
                assignedWords[row &>> 6] |= 1 &<< UInt64(row & 63)
            }
            idOffsets.append(UInt32(idBytes.count))
        }
    }
}

/// A field of the event whose texts become codes: `eventType`, `userId`, `sessionId`.
private struct FieldBuilder: ~Copyable {
    private var codes = GrowingBuffer<UInt32>()
    private var interner = TextInterner()

    init() {}

    var byteCount: Int { codes.count * 4 + interner.byteCount }

    mutating func append(_ texts: TextList) { interner.intern(texts, into: &codes) }

    mutating func finish() -> CodedColumn {
        let column = CodedColumn(codes: codes.array(), dictionary: interner.table())
        codes.removeAll()
        interner.removeAll()
        return column
    }
}

extension TextList {
    /// The texts of a field; the decoder gives addresses, which are words here.
    fileprivate init(_ texts: event_texts, _ count: Int) {
        invariant(unsafe texts.starts != nil && texts.lengths != nil)
        let starts = unsafe UnsafeRawPointer(texts.starts).assumingMemoryBound(to: UInt64.self)
        unsafe self.init(starts: starts, lengths: texts.lengths, count: count)
    }
}

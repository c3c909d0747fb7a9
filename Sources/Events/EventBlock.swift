package import Base
package import Expressions

/// Events as columns: what one request, or the requests of about a millisecond, become.
///
/// The ring carries blocks, the log frames them, the stream consumes them; each string stands once
/// in its column's dictionary, so that work on a string is done once a block. Immutable.
package final class EventBlock: Sendable {
    /// How many events there are.
    package let count: Int
    /// When the server took the events: their log time.
    package let receivedAt: Milliseconds
    /// One id a row: the client's, or the one that was assigned.
    package let eventIds: StringTable
    /// Rows whose id the client did not send (nor an `Idempotency-Key`): never duplicates.
    package let assigned: Bitmap
    /// Never null.
    package let eventType: CodedColumn
    /// Who sent the event, where the client knows; may be absent.
    package let userId: CodedColumn
    /// The visit that the event belongs to; may be absent.
    package let sessionId: CodedColumn
    /// Event time, already clamped to receipt where the client's clock ran ahead.
    package let timestamps: [Milliseconds]
    /// Rows whose timestamp was clamped.
    package let skewedCount: Int
    /// Ordered by name, then type; (name, type) is unique.
    package let properties: [PropertyColumn]

    /// Takes columns that are in this form; all must have as many rows as `timestamps`.
    package init(
        receivedAt: Milliseconds, eventIds: StringTable, assigned: Bitmap, eventType: CodedColumn,
        userId: CodedColumn, sessionId: CodedColumn, timestamps: [Milliseconds], skewedCount: Int,
        properties: [PropertyColumn]
    ) {
        count = timestamps.count
        invariant(eventIds.count == count && assigned.count == count)
        invariant(eventType.codes.count == count && userId.codes.count == count)
        invariant(sessionId.codes.count == count)
        self.receivedAt = receivedAt
        self.eventIds = eventIds
        self.assigned = assigned
        self.eventType = eventType
        self.userId = userId
        self.sessionId = sessionId
        self.timestamps = timestamps
        self.skewedCount = skewedCount
        self.properties = properties
    }

    /// The memory that the block holds, in bytes, for budgets.
    package var byteCount: Int {
        let fields = eventType.byteCount + userId.byteCount + sessionId.byteCount
        return eventIds.byteCount + fields + count * 8 + count / 8
            + properties.reduce(0) { $0 + $1.byteCount }
    }
}

/// Strings as codes into a block-local dictionary: code 0 is absent, `k` is entry `k - 1`.
package struct CodedColumn: Sendable, Equatable {
    /// One a row: 0 is absent, `k` is entry `k - 1` of the dictionary.
    package var codes: [UInt32]
    /// Distinct strings, in the order in which they were first seen.
    package var dictionary: StringTable

    package init(codes: [UInt32], dictionary: StringTable) {
        self.codes = codes
        self.dictionary = dictionary
    }

    /// The memory of codes and dictionary, in bytes.
    package var byteCount: Int { codes.count * 4 + dictionary.byteCount }
}

/// The values of one property that have one type, for the rows that have such a value.
package struct PropertyColumn: Sendable, Equatable {
    /// One value for each of `rows`, stored by its type.
    package enum Values: Sendable, Equatable {
        /// For `string` and `json`: codes from 1 on, as the row list leaves out absent values.
        case codes([UInt32], dictionary: StringTable)
        case integers([Int64])
        case floats([Double])
        case booleans([Bool])
    }

    /// The name after flattening: members of nested objects are joined by dots.
    package var name: String
    /// What the values are; one name may have a column for each type.
    package var type: ValueType
    /// Ascending rows that have a value; one value each in `values`.
    package var rows: [UInt32]
    /// The values, as many as there are rows.
    package var values: Values

    package init(name: String, type: ValueType, rows: [UInt32], values: Values) {
        self.name = name
        self.type = type
        self.rows = rows
        self.values = values
    }

    /// The memory of rows, name and values, in bytes.
    package var byteCount: Int {
        let valueBytes =
            switch values {
            case .codes(let codes, let dictionary): codes.count * 4 + dictionary.byteCount
            case .integers(let numbers): numbers.count * 8
            case .floats(let numbers): numbers.count * 8
            case .booleans(let bits): bits.count
            }
        return rows.count * 4 + name.utf8.count + valueBytes
    }
}

package import Base

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
    package func encode() -> [UInt8] { [] }

    /// The block of a payload.
    package static func decode(_ payload: [UInt8]) throws(CorruptionError) -> EventBlock {
        throw CorruptionError(offset: 0, expected: "a payload", found: "\(payload.count) bytes")
    }

    /// Only the ids and times of a payload, without reading the rest.
    package static func decodeEventIds(
        _ payload: [UInt8]
    ) throws(CorruptionError) -> EventIdentities {
        throw CorruptionError(offset: 0, expected: "a payload", found: "\(payload.count) bytes")
    }
}

/// Encodes blocks as log payloads, one after the other, with one compression context.
package struct EventBlockEncoder: ~Copyable {
    package init() {}

    /// The block as a log payload.
    package mutating func encode(_ block: EventBlock) -> [UInt8] { block.encode() }
}

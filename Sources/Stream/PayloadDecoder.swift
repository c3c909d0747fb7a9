package import Base
package import Events

/// How the payloads of the log become blocks; tests that need no bytes put their own in its place.
package protocol PayloadDecoder: Sendable {
    /// The block of a payload.
    func decode(_ payload: [UInt8]) throws(CorruptionError) -> EventBlock

    /// Only the ids of a payload, and which of them the server assigned.
    func decodeEventIds(_ payload: [UInt8]) throws(CorruptionError) -> (StringTable, Bitmap)
}

/// The decoder of the payloads that `EventBlock.encode` makes.
package struct EventPayloadDecoder: PayloadDecoder {
    package init() {}

    /// Decodes all of the payload.
    package func decode(_ payload: [UInt8]) throws(CorruptionError) -> EventBlock {
        try EventBlock.decode(payload)
    }

    /// Decodes the section of ids alone, which is far cheaper than the block.
    package func decodeEventIds(
        _ payload: [UInt8]
    ) throws(CorruptionError) -> (StringTable, Bitmap) {
        let identities = try EventBlock.decodeEventIds(payload)
        return (identities.eventIds, identities.assigned)
    }
}

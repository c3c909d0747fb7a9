package import Base

/// What ingest accepts: a limit for each way in which a client can be too large, all configurable.
package struct EventLimits: Sendable, Equatable {
    /// The bytes of a request body as it is sent (the HTTP layer checks this one).
    package var bodyBytesMax = 8 << 20
    /// The bytes of a body after its decompression.
    package var decompressedBytesMax = 64 << 20
    /// Events in one body, the rejected ones included.
    package var eventCountMax = 10_000
    /// The bytes of one event.
    ///
    /// In a body of one event and in NDJSON these are the bytes of its text. In a batch, where the
    /// parser does not say how long an element was, they are the bytes of its strings and keys,
    /// five more for each, and one a value, which comes close to the text without white space.
    package var eventBytesMax = 256 << 10
    /// Properties of one event, after flattening.
    package var propertyCountMax = 512
    /// The bytes of a property's name, after flattening.
    package var keyBytesMax = 256
    /// The bytes of a string, or of the JSON text of an array.
    package var valueBytesMax = 64 << 10
    /// The levels of objects and arrays in a property's value: `{"a":[1]}` has two.
    package var nestingMax = 16
    /// The bytes of `eventType`.
    package var eventTypeBytesMax = 128
    /// The bytes of `eventId`, `userId` and `sessionId`, each.
    package var identifierBytesMax = 256
    /// How old an event may be at receipt; nil accepts any age.
    package var ageMax: Milliseconds? = 400 * CivilTime.millisecondsPerDay
    /// How far an event may lie ahead of receipt before it is clamped to it.
    package var aheadMax: Milliseconds = 5 * CivilTime.millisecondsPerMinute

    package init() {}
}

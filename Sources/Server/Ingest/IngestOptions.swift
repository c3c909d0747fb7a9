internal import Base
package import Events

/// The settings of ingest (see `ServerConfig` for what each means to an operator).
package struct IngestOptions: Sendable {
    /// How many HTTP loops there are; each has a ring.
    package var loops = 2
    /// What a body and its events may be at most.
    package var limits = EventLimits()
    /// What all rings together may hold, in bytes.
    package var bufferBytes = 64 << 20
    /// What happens when the ring of a loop is full.
    package var overflow = ServerConfig.Overflow.drop
    /// Blocks are sealed at this size; smaller ones after about a millisecond.
    package var blockEvents = 8_192
    /// The bytes at which a block is sealed, whatever its events.
    package var blockBytes = 2 << 20
    /// The writer pauses while the log has this much to write, so that a slow disk fills the rings.
    package var logBacklogBytes = 16 << 20
    /// How long a durable request waits for its sync.
    package var confirmNanoseconds: UInt64 = 10_000_000_000

    package init() {}
}

/// One request with events, valid while the HTTP loop handles it.
@safe
package struct IngestRequest: ~Copyable {
    /// The text of the events, decompressed.
    package var body: UnsafeRawBufferPointer
    /// Whether the text is one event, a batch or NDJSON.
    package var form: BodyForm
    /// When the request arrived, in milliseconds since the epoch.
    package var receivedAt: Int64
    /// The header of that name, from which events without ids get theirs.
    package var idempotencyKey: String?

    package init(
        body: UnsafeRawBufferPointer, form: BodyForm, receivedAt: Int64, idempotencyKey: String?
    ) {
        unsafe self.body = body
        self.form = form
        self.receivedAt = receivedAt
        self.idempotencyKey = idempotencyKey
    }
}

package import Base

/// Gathers the events of one or more request bodies into a block.
package struct EventBlockBuilder: ~Copyable {
    private let limits: EventLimits

    /// A builder for one thread.
    package init(
        limits: EventLimits = EventLimits(), identifiers: IdentifierMaker = IdentifierMaker()
    ) {
        self.limits = limits
    }

    /// How many events the builder holds.
    package var count: Int { 0 }
    /// The memory of the events that the builder holds, in bytes, roughly.
    package var byteCount: Int { 0 }

    /// Takes the valid events of a body.
    ///
    /// With an idempotency key, event `i` of the body that has no `eventId` gets the id `key/i`.
    /// On an error the builder is as it was before.
    package mutating func append(
        _ body: [UInt8], form: BodyForm, receivedAt: Milliseconds, idempotencyKey: String? = nil
    ) throws(BodyError) -> BodyOutcome {
        throw BodyError(code: "invalid_json", message: "the body is empty")
    }

    /// The events gathered since the last call, or nil if there are none; empties the builder.
    package mutating func finish(receivedAt: Milliseconds) -> EventBlock? { nil }
}

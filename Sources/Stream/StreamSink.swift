package import Store

/// The two verbs of the store that the stream needs.
///
/// `Store` has both.
package protocol StreamSink: AnyObject, Sendable {
    /// Shows the rows of a coming flush; replaces the generation of the same flush number.
    func publish(_ live: LiveGeneration)

    /// Makes a flush durable, all or nothing, and drops the live generations up to its number.
    /// After an error nothing has changed, and the same batch is tried again.
    func commit(_ batch: FlushBatch) throws
}

extension Store: StreamSink {}

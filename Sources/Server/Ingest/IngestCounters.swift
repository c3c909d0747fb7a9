internal import Synchronization

/// What ingest has counted since the start.
final class IngestCounters: Sendable {
    let accepted = Atomic<UInt64>(0)
    let rejected = Atomic<UInt64>(0)
    /// Accepted and then lost before the log, by a full ring or a disk that takes nothing.
    let dropped = Atomic<UInt64>(0)
    let blocks = Atomic<UInt64>(0)
    let payloadBytes = Atomic<UInt64>(0)
    let encodeNanoseconds = Atomic<UInt64>(0)
    let decodeNanoseconds = Atomic<UInt64>(0)

    func add(_ count: Int, to counter: borrowing Atomic<UInt64>) {
        counter.wrappingAdd(UInt64(count), ordering: .relaxed)
    }
}

/// The counts of ingest at one moment.
package struct IngestFigures: Sendable, Equatable {
    /// Events that were answered as taken.
    package var accepted: UInt64
    /// Events, and whole bodies, that broke a rule.
    package var rejected: UInt64
    /// Events that were taken as `queued` and lost before the log.
    package var dropped: UInt64
    /// Blocks that were handed to the log, and their encoded bytes.
    package var blocks: UInt64
    /// The encoded bytes of these blocks.
    package var payloadBytes: UInt64
    /// Time spent on decoding bodies and on encoding blocks.
    package var decodeNanoseconds: UInt64
    /// Time spent on encoding blocks.
    package var encodeNanoseconds: UInt64
}

extension IngestCounters {
    var figures: IngestFigures {
        IngestFigures(
            accepted: accepted.load(ordering: .relaxed),
            rejected: rejected.load(ordering: .relaxed),
            dropped: dropped.load(ordering: .relaxed), blocks: blocks.load(ordering: .relaxed),
            payloadBytes: payloadBytes.load(ordering: .relaxed),
            decodeNanoseconds: decodeNanoseconds.load(ordering: .relaxed),
            encodeNanoseconds: encodeNanoseconds.load(ordering: .relaxed))
    }
}

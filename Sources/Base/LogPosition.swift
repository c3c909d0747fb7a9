/// A place in the event log: for each partition, how many blocks lie before it.
///
/// The embedded log has one partition, a log spread over several brokers one for each; so all who
/// keep a position keep the vector. Position `n` of a partition names the block numbered `n`, the
/// next one to be read.
package struct LogPosition: Sendable, Equatable, CustomStringConvertible {
    /// The number of the next block of each partition.
    package var partitions: [UInt64]

    package init(partitions: [UInt64]) { self.partitions = partitions }

    /// The position of the embedded log, which has one partition.
    package init(_ sequence: UInt64) { partitions = [sequence] }

    /// The start of the embedded log.
    package static var start: LogPosition { LogPosition(0) }

    /// The block number in the embedded log.
    package var sequence: UInt64 {
        invariant(partitions.count == 1, "a position of \(partitions.count) partitions")
        return partitions[0]
    }

    package var description: String { partitions.map(String.init).joined(separator: ",") }
}

internal import Base
internal import Events

/// Accepted events that are in no part yet: the blocks they came in and which of their rows count.
struct RawTail: Sendable {
    struct Entry: Sendable {
        let block: EventBlock
        /// Ascending; nil where all rows count.
        let rows: [UInt32]?
        /// The rows among them that were late, ascending.
        let late: [UInt32]
        /// The log time of the block, which raw rows keep: late events were counted by it.
        let logTime: Milliseconds

        var rowCount: Int { rows?.count ?? block.count }
    }

    /// A copy for readers shares all chunks but the last with the tail that goes on.
    private static let entriesPerChunk = 256

    private var chunks: [[Entry]] = []
    private(set) var rowCount = 0
    /// The memory of the blocks, in bytes; a block counts whole, whatever is chosen of it.
    private(set) var byteCount = 0

    /// In the order of the log.
    var entries: some Sequence<Entry> { chunks.lazy.joined() }

    mutating func append(
        _ block: EventBlock, accepted: [UInt32], late: [UInt32], logTime: Milliseconds
    ) {
        if accepted.isEmpty { return }
        let rows = accepted.count == block.count ? nil : accepted
        if chunks.isEmpty || chunks[chunks.count - 1].count == Self.entriesPerChunk {
            chunks.append([])
        }
        chunks[chunks.count - 1].append(
            Entry(block: block, rows: rows, late: late, logTime: logTime))
        rowCount += accepted.count
        byteCount += block.byteCount + (rows?.count ?? 0) * 4 + late.count * 4
    }
}

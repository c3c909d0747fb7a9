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

        var rowCount: Int { rows?.count ?? block.count }
    }

    private(set) var entries: [Entry] = []
    private(set) var rowCount = 0
    /// The memory of the blocks, in bytes; a block counts whole, whatever is chosen of it.
    private(set) var byteCount = 0

    mutating func append(_ block: EventBlock, accepted: [UInt32], late: [UInt32]) {
        if accepted.isEmpty { return }
        let rows = accepted.count == block.count ? nil : accepted
        entries.append(Entry(block: block, rows: rows, late: late))
        rowCount += accepted.count
        byteCount += block.byteCount + (rows?.count ?? 0) * 4 + late.count * 4
    }
}

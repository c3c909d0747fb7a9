internal import Base
internal import Expressions
internal import Store

/// The rows of a window in order: partition behind partition, each sorted.
///
/// A *position* is a place in this order, a *row* one in the order of the input.
struct WindowRows {
    /// By position its row.
    let rows: [UInt32]
    /// The positions of each partition.
    private(set) var partitions: [Range<Int>] = []
    /// By position where its peers, the rows that are equal in order, begin and end.
    private(set) var peerStarts: [UInt32]
    private(set) var peerEnds: [UInt32]

    /// Rows that were sorted by the order, whose first stages are those of the partition.
    init(_ rows: [UInt32], _ order: RowOrder, partitionStages: Int) {
        self.rows = rows
        var isFirst = [Bool](repeating: false, count: rows.count)
        order.markChanges(rows, 0..<partitionStages, in: &isFirst)
        var start = 0
        for position in rows.indices where isFirst[position] {
            partitions.append(start..<position)
            start = position
        }
        partitions.append(start..<rows.count)
        order.markChanges(rows, partitionStages..<order.stages.count, in: &isFirst)
        peerStarts = [UInt32](repeating: 0, count: rows.count)
        peerEnds = [UInt32](repeating: UInt32(rows.count), count: rows.count)
        for position in rows.indices.dropFirst() {
            peerStarts[position] = isFirst[position] ? UInt32(position) : peerStarts[position - 1]
        }
        for position in rows.indices.dropLast().reversed() {
            peerEnds[position] =
                isFirst[position + 1] ? UInt32(position + 1) : peerEnds[position + 1]
        }
    }

    /// How many rows there are.
    var count: Int { rows.count }

    /// The memory of the rows and of what calls compute of them, in bytes.
    var byteCount: Int { rows.count * 40 + partitions.count * 16 }

    /// Values by position as values by row.
    func byRow<Value>(_ values: [Value]) -> [Value] {
        var result = values
        for position in rows.indices { result[Int(rows[position])] = values[position] }
        return result
    }

    /// A vector of the values whose places are given by position.
    func byRow(_ vector: Vector, _ places: [UInt32]) -> Vector {
        vector.gathered(byRow(places)[...])
    }

    /// The positions that a frame has at a position of a partition.
    ///
    /// From one position of a partition to the next, neither start nor end goes back.
    func frame(
        _ frame: WindowCall.Frame, at position: Int, of partition: Range<Int>
    ) -> Range<Int> {
        let (first, end) = (partition.lowerBound, partition.upperBound)
        let start: Int =
            switch frame.start {
            case .unboundedPreceding: first
            case .preceding(let count): position - min(count, position - first)
            case .currentRow: frame.isRows ? position : Int(peerStarts[position])
            case .following(let count): position + min(count, end - position)
            case .unboundedFollowing: end
            }
        let upper: Int =
            switch frame.end {
            case .unboundedPreceding: first
            case .preceding(let count): position + 1 - min(count, position + 1 - first)
            case .currentRow: frame.isRows ? position + 1 : Int(peerEnds[position])
            case .following(let count): position + 1 + min(count, end - position - 1)
            case .unboundedFollowing: end
            }
        return start..<max(start, upper)
    }
}

extension WindowCall.Frame {
    /// Whether it is the whole partition for each row.
    var isWhole: Bool { start == .unboundedPreceding && end == .unboundedFollowing }
}

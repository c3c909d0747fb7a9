internal import Base
internal import Expressions

/// The functions that only look at the places of rows.
enum RankFunctions {
    /// The value for each row.
    static func values(_ function: WindowCall.Function, _ rows: WindowRows) -> Vector {
        switch function {
        case .percentRank:
            return floats(rows) { position, partition in
                let before = Int(rows.peerStarts[position]) - partition.lowerBound
                return partition.count == 1 ? 0 : Double(before) / Double(partition.count - 1)
            }
        case .cumulativeDistribution:
            return floats(rows) { position, partition in
                let upTo = Int(rows.peerEnds[position]) - partition.lowerBound
                return Double(upTo) / Double(partition.count)
            }
        case .rank:
            return integers(rows) { Int(rows.peerStarts[$0]) - $1.lowerBound + 1 }
        case .denseRank:
            var rank = 0
            return integers(rows) { position, partition in
                if position == partition.lowerBound { rank = 0 }
                if position == Int(rows.peerStarts[position]) { rank += 1 }
                return rank
            }
        case .ntile(let count):
            return integers(rows) { tile($0 - $1.lowerBound, of: $1.count, tiles: count) }
        case .rowNumber, .lag, .firstValue, .lastValue, .aggregate:
            return integers(rows) { $0 - $1.lowerBound + 1 }
        }
    }

    /// The number of the tile of a row; the first tiles have one more where not all are equal.
    private static func tile(_ index: Int, of rowCount: Int, tiles: Int) -> Int {
        let (size, larger) = rowCount.quotientAndRemainder(dividingBy: tiles)
        let ofLarger = larger * (size + 1)
        if index < ofLarger { return index / (size + 1) + 1 }
        return larger + (index - ofLarger) / size + 1
    }

    private static func integers(
        _ rows: WindowRows, _ value: (Int, Range<Int>) -> Int
    ) -> Vector {
        var numbers: [Int64] = []
        numbers.reserveCapacity(rows.count)
        for partition in rows.partitions {
            for position in partition { numbers.append(Int64(value(position, partition))) }
        }
        return Vector(type: .integer, values: .integers(rows.byRow(numbers)))
    }

    private static func floats(
        _ rows: WindowRows, _ value: (Int, Range<Int>) -> Double
    ) -> Vector {
        var numbers: [Double] = []
        numbers.reserveCapacity(rows.count)
        for partition in rows.partitions {
            for position in partition { numbers.append(value(position, partition)) }
        }
        return Vector(type: .float, values: .floats(rows.byRow(numbers)))
    }
}

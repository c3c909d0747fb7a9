import Expressions
import Query

/// Window functions over plain values: for each row its partition is gathered, sorted, and its
/// frame cut out.
struct NaiveWindow {
    let call: WindowCall
    let rows: [[Value]]

    /// The value for each row.
    func values() -> [Value] { rows.indices.map { value($0) } }

    private func value(_ row: Int) -> Value {
        let sameKeys = call.partition.map {
            SortKey($0, isDescending: false, nullsFirst: false)
        }
        let partition = rows.indices.filter {
            NaiveOrder.order(rows[$0], rows[row], sameKeys) == 0
        }.sorted { left, right in
            let order = NaiveOrder.order(rows[left], rows[right], call.order)
            return order != 0 ? order < 0 : left < right
        }
        guard let place = partition.firstIndex(of: row) else { return .null }
        let peers = partition.indices.filter {
            NaiveOrder.order(rows[partition[$0]], rows[row], call.order) == 0
        }
        return value(place, partition, peers)
    }

    private func value(_ place: Int, _ partition: [Int], _ peers: [Int]) -> Value {
        let first = peers.first ?? 0
        let last = peers.last ?? 0
        let count = partition.count
        switch call.function {
        case .rowNumber: return .integer(Int64(place + 1))
        case .rank: return .integer(Int64(first + 1))
        case .denseRank:
            var rank: Int64 = 1
            for other in 1..<max(1, first + 1)
            where NaiveOrder.order(
                rows[partition[other - 1]], rows[partition[other]], call.order) != 0
            {
                rank += 1
            }
            return .integer(rank)
        case .percentRank: return .float(count == 1 ? 0 : Double(first) / Double(count - 1))
        case .cumulativeDistribution: return .float(Double(last + 1) / Double(count))
        case .ntile(let tiles): return .integer(Int64(tile(place, count, tiles)))
        case .lag(let offset):
            if partition.indices.contains(place - offset) {
                return argument(0, partition[place - offset])
            }
            return call.arguments.count > 1 ? argument(1, partition[place]) : .null
        case .firstValue:
            return frame(place, count, first, last).first.map { argument(0, partition[$0]) }
                ?? .null
        case .lastValue:
            return frame(place, count, first, last).last.map { argument(0, partition[$0]) }
                ?? .null
        case .aggregate(let function):
            let rows = frame(place, count, first, last).map { position in
                call.arguments.indices.map { argument($0, partition[position]) }
            }
            return NaiveAggregates.value(
                AggregateCall(function, call.arguments, type: call.type), rows)
        }
    }

    private func argument(_ index: Int, _ row: Int) -> Value {
        switch call.arguments[index] {
        case .column(let column, _): rows[row][column]
        case .constant(let value, _): value
        default: .null
        }
    }

    /// The tile by dealing rows out: the first tiles take one more.
    private func tile(_ place: Int, _ count: Int, _ tiles: Int) -> Int {
        var end = 0
        for tile in 0..<tiles {
            end += count / tiles + (tile < count % tiles ? 1 : 0)
            if place < end { return tile + 1 }
        }
        return 0
    }

    /// The places in the partition that belong to the frame.
    private func frame(_ place: Int, _ count: Int, _ first: Int, _ last: Int) -> [Int] {
        (0..<count).filter { other in
            let afterStart: Bool =
                switch call.frame.start {
                case .unboundedPreceding: true
                case .preceding(let distance): place - other <= distance
                case .currentRow: call.frame.isRows ? other >= place : other >= first
                case .following(let distance): other - place >= distance
                case .unboundedFollowing: false
                }
            let beforeEnd: Bool =
                switch call.frame.end {
                case .unboundedPreceding: false
                case .preceding(let distance): place - other >= distance
                case .currentRow: call.frame.isRows ? other <= place : other <= last
                case .following(let distance): other - place <= distance
                case .unboundedFollowing: true
                }
            return afterStart && beforeEnd
        }
    }
}

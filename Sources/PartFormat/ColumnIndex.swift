internal import Base
internal import Codecs
internal import Expressions

/// Where the blocks of one column lie and what is known of their values, granule by granule.
struct ColumnIndex: Sendable {
    /// Where the dictionary's block lies, and how many entries it has.
    struct Dictionary: Sendable, Equatable {
        var range: Range<Int>
        var entryCount: Int
    }

    /// Which column this one's values may follow from; and of codes, where their map lies.
    struct Correlation: Sendable, Equatable {
        var source: Int
        var map: Range<Int>?
    }

    var dictionary: Dictionary?
    var correlation: Correlation?
    var offsets: [Int64] = []
    var lengths: [UInt32] = []
    var zones = ZoneColumn()
}

/// The zones of one column, as columns.
struct ZoneColumn: Sendable {
    /// What the bounds of a granule are; the raw values are those of the footer.
    enum BoundsKind: UInt32 {
        case unknown = 0
        case empty = 1
        case known = 2
    }

    var nullCounts: [UInt32] = []
    var kinds: [UInt32] = []
    /// By the column's type one of these pairs is filled, with an entry a granule whose bounds
    /// are known.
    var integers: (least: [Int64], greatest: [Int64]) = ([], [])
    var floats: (least: [Double], greatest: [Double]) = ([], [])
    var strings: (least: StringTable, greatest: StringTable) = (StringTable(), StringTable())
    /// For each granule how many before it have known bounds: where its bounds stand.
    var places: [UInt32] = []

    private var knownCount: Int { Int(places.last ?? 0) + (isLastKnown ? 1 : 0) }
    private var isLastKnown: Bool { kinds.last == BoundsKind.known.rawValue }

    mutating func append(_ zone: Zone) {
        places.append(UInt32(knownCount))
        nullCounts.append(UInt32(zone.nullCount))
        var kind = BoundsKind.known
        switch zone.bounds {
        case .empty: kind = .empty
        case .unknown: kind = .unknown
        case .integers(let range):
            integers.least.append(range.lowerBound)
            integers.greatest.append(range.upperBound)
        case .floats(let range):
            floats.least.append(range.lowerBound)
            floats.greatest.append(range.upperBound)
        case .strings(let least, let greatest):
            strings.least.append(least[...])
            strings.greatest.append(greatest[...])
        }
        kinds.append(kind.rawValue)
    }

    func zone(granule: Int, type: ValueType) -> Zone {
        let nullCount = Int(nullCounts[granule])
        guard kinds[granule] == BoundsKind.known.rawValue else {
            let isEmpty = kinds[granule] == BoundsKind.empty.rawValue
            return Zone(bounds: isEmpty ? .empty : .unknown, nullCount: nullCount)
        }
        let place = Int(places[granule])
        let bounds: Zone.Bounds =
            switch type {
            case .integer, .timestamp:
                .integers(integers.least[place]...integers.greatest[place])
            case .float: .floats(floats.least[place]...floats.greatest[place])
            case .string, .json:
                .strings(
                    least: Array(strings.least.bytes(at: place)),
                    greatest: Array(strings.greatest.bytes(at: place)))
            case .boolean, .state: .unknown
            }
        return Zone(bounds: bounds, nullCount: nullCount)
    }
}

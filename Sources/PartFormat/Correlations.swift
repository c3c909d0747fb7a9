internal import Base
internal import Codecs
internal import Expressions

/// Finds the columns whose codes follow from those of another while a part is written: a session
/// has one user and one referrer.
///
/// The first row of a session says what its others will have; a row that says otherwise is an
/// exception. A column is followed once enough rows have met a session again and nearly all of them
/// agree, and given up as soon as half of them do not.
struct Correlations {
    /// What the rows of one column say of another.
    private struct Candidate {
        let source: Int
        /// By code of the source the first code met with it.
        var map: [UInt32]
        /// Rows of the granule whose source was met before, and those of them that differ.
        var repeats = 0
        var exceptions = 0

        mutating func learn(_ codes: [UInt32], _ sources: [UInt32]) {
            (repeats, exceptions) = (0, 0)
            for row in codes.indices {
                let known = map[Int(sources[row])]
                if known == Correlations.unmet {
                    map[Int(sources[row])] = codes[row]
                } else {
                    repeats &+= 1
                    exceptions &+= known == codes[row] ? 0 : 1
                }
            }
        }
    }

    private static let unmet = UInt32.max
    private static let sourcesMost = 2
    /// Of all maps together.
    private static let mapEntriesMost = PartWriterOptions.mapBytesMost / 4

    /// Whether columns may follow others at all.
    let isActive: Bool
    private var candidates: [Int: [Candidate]] = [:]
    /// The columns that some block follows, by the column that does.
    private var chosen: [Int: Int] = [:]

    /// Takes the number of entries of each column that has a dictionary.
    init(entryCounts: [Int: Int], rowCount: Int, entriesLeast: Int) {
        isActive = rowCount > 0
        let columns = entryCounts.filter { $0.value >= entriesLeast }
            .sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        // A map pays only where each of its entries serves several rows.
        let sources = columns.enumerated().filter {
            $0.element.value <= rowCount / 2 && $0.element.value < CodecLimits.valuesMax
        }.prefix(Correlations.sourcesMost)
        var entryCount = 0
        for (rank, column) in columns.enumerated() {
            for source in sources where source.offset < rank {
                entryCount += source.element.value + 1
                if entryCount > Correlations.mapEntriesMost { return }
                let map = [UInt32](
                    repeating: Correlations.unmet, count: source.element.value + 1)
                candidates[column.key, default: []].append(
                    Candidate(source: source.element.key, map: map))
            }
        }
    }

    /// The codes that a column's rows would have if they followed from another; nil where they do
    /// not, or not enough.
    mutating func derive(column: Int, _ granule: [Vector]) -> [UInt32]? {
        guard var mine = candidates.removeValue(forKey: column),
            case .codes(let codes, _) = granule[column].values
        else { return nil }
        // What hardly changes from row to row says nothing of sessions, and takes little anyway.
        if Correlations.hasFewRuns(codes) {
            candidates[column] = mine
            return nil
        }
        var derived: [UInt32]?
        for index in mine.indices.reversed() {
            guard case .codes(let sources, _) = granule[mine[index].source].values else { continue }
            mine[index].learn(codes, sources)
            let (repeats, exceptions) = (mine[index].repeats, mine[index].exceptions)
            guard repeats >= max(16, codes.count / 16) else { continue }
            if exceptions > repeats / 2, chosen[column] == nil {
                mine.remove(at: index)
                continue
            }
            let pays =
                exceptions <= repeats / 8
                && CorrelatedStream.isWorthwhile(
                    exceptions: exceptions, count: codes.count, greatest: codes.max() ?? 0)
            if pays, choose(mine[index].source, for: column) {
                mine = [mine[index]]
                let map = mine[0].map
                derived = sources.map { map[Int($0)] }
                break
            }
        }
        if !mine.isEmpty { candidates[column] = mine }
        return derived
    }

    private static func hasFewRuns(_ codes: [UInt32]) -> Bool {
        var changes = 0
        for row in 1..<max(1, codes.count) where codes[row] != codes[row &- 1] { changes &+= 1 }
        return changes < codes.count / 8
    }

    /// Whether the column may follow that source: none follows what follows itself.
    private mutating func choose(_ source: Int, for column: Int) -> Bool {
        if chosen[column] == source { return true }
        guard chosen[source] == nil, !chosen.values.contains(column) else { return false }
        chosen[column] = source
        return true
    }

    /// Of the columns that follow, the next in their order, its source and its map; nil after the
    /// last.
    mutating func takeNext() -> (column: Int, source: Int, map: [UInt32])? {
        while let (column, source) = chosen.min(by: { $0.key < $1.key }) {
            chosen[column] = nil
            guard var map = candidates.removeValue(forKey: column)?.first?.map else { continue }
            for index in map.indices where map[index] == Correlations.unmet { map[index] = 0 }
            return (column, source, map)
        }
        return nil
    }
}

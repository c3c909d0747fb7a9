import Base
import Store

/// Adds a derived table that contains some piles of its base, the other parts lying beyond its
/// mark.
func addDerived(
    _ table: DerivedTable, of piles: [(rows: [Row], part: any TablePart)], dimensions: [String],
    to tables: inout TestTables, _ random: inout SeededRandom, containing all: Bool = false
) {
    var contained: [Row] = []
    var beyond: [any TablePart] = []
    for pile in piles {
        if !all, Int.random(in: 0..<4, using: &random) == 0 {
            beyond.append(pile.part)
        } else {
            contained += pile.rows
        }
    }
    tables.beyond[table.name] = beyond
    let rows = derivedRows(contained, table, dimensions: dimensions)
    if rows.isEmpty { return }
    tables.add(
        GranuledPart(
            rows, table.schema,
            granuleRows: all ? 5 : [1, 5, 1_000].randomElement(using: &random) ?? 1,
            coded: true))
}

private struct DerivedKey: Hashable {
    var dimensions: [String?]
    var time: Milliseconds
}

/// The rows of a base in the buckets and dimensions of a table derived from it.
private func derivedRows(
    _ rows: [Row], _ table: DerivedTable, dimensions: [String]
) -> [Row] {
    var groups: [DerivedKey: Row] = [:]
    for row in rows {
        let values = table.dimensions.map { name in
            dimensions.firstIndex(of: name).flatMap { row.dimensions[$0] }
        }
        let time = floorDivide(row.time, table.tier.width) * table.tier.width
        let key = DerivedKey(dimensions: values, time: time)
        let empty = Row(dimensions: values, time: time, events: 0, users: [])
        groups[key, default: empty].events += row.events
        groups[key, default: empty].users += row.users
    }
    return groups.values.sorted { left, right in
        left.dimensions == right.dimensions
            ? left.time < right.time : order(left.dimensions, right.dimensions)
    }
}

/// Nulls first, texts by their bytes.
func order(_ left: [String?], _ right: [String?]) -> Bool {
    for (mine, theirs) in zip(left, right) where mine != theirs {
        guard let mine else { return true }
        guard let theirs else { return false }
        return mine.utf8.lexicographicallyPrecedes(theirs.utf8)
    }
    return false
}

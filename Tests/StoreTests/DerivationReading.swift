import Aggregates
import Base
import PartFormat
import Store
import Testing

/// The rollup that the tests derive tables of; its base is `TestRows.rollupSchema`.
let derivedRollup = RollupDefinition(
    name: "page_views", eventType: nil, dimensions: ["page", "device"], countsUsers: true)

/// What rows add up to by dimensions and bucket: the naive twin of a derivation.
struct DerivedCells: Equatable {
    private(set) var cells: [String: Twin.Cell] = [:]

    /// Forgets cells by their key.
    mutating func remove(where isUnwanted: (String) -> Bool) {
        cells = cells.filter { !isUnwanted($0.key) }
    }

    /// Rows of any table that has the dimensions, in buckets of the tier.
    mutating func add(_ part: some TablePart, as table: DerivedTable) throws {
        let schema = part.schema
        let time = try #require(schema.columnIndex("bucket"))
        let events = try #require(schema.columnIndex("events"))
        let users = try #require(schema.columnIndex("users"))
        for row in try rows(of: part) {
            guard case .integer(let bucket) = row[time], case .integer(let count) = row[events],
                case .bytes(let state) = row[users]
            else {
                Issue.record("a row of other types: \(row)")
                continue
            }
            var key = "\(floorDivide(bucket, table.tier.width))"
            for dimension in table.dimensions {
                key += "|\(row[try #require(schema.columnIndex(dimension))])"
            }
            var cell = cells[key] ?? Twin.Cell()
            cell.count += count
            cell.users.formUnion(try HyperLogLog(decoding: state.span))
            cells[key] = cell
        }
    }
}

/// Checks that each derived table and what it lacks of its base are the base, and that its parts
/// keep their promises.
func checkDerived(_ view: StoreView, _ tables: [DerivedTable], _ comment: Comment) throws {
    for table in tables {
        var expected = DerivedCells()
        for part in view.sources(table: table.base) { try expected.add(part, as: table) }
        var found = DerivedCells()
        for part in view.parts(table: table.name) {
            #expect(part.schema == table.schema)
            try found.add(part, as: table)
            try checkSorted(part, width: table.tier.width)
        }
        for part in view.sources(table: table.base, beyond: table.name) {
            try found.add(part, as: table)
        }
        #expect(found == expected, "\(table.name): \(comment)")
    }
}

private func checkSorted(_ part: Part, width: Milliseconds) throws {
    let keys = part.schema.sortKey.compactMap { part.schema.columnIndex($0) }
    let time = try #require(part.schema.columnIndex("bucket"))
    var previous: [Value]?
    for row in try rows(of: part) {
        let key = keys.map { row[$0] }
        if let previous {
            #expect(previous.lexicographicallyPrecedes(key), "\(part.file) is not sorted")
        }
        previous = key
        guard case .integer(let bucket) = row[time] else { continue }
        #expect(bucket % width == 0 && part.timeRange?.contains(bucket) == true)
    }
}

/// Events of the whole day, so that tiers differ.
func spreadEvents(
    _ count: Int, from first: Int, days: Int, using random: inout SeededRandom
) -> [TestEvent] {
    Scenario.events(count, from: first, days: days, using: &random).map { event in
        var event = event
        let day = floorDivide(event.time, CivilTime.millisecondsPerDay)
        event.time =
            day * CivilTime.millisecondsPerDay
            + Milliseconds.random(in: 0..<CivilTime.millisecondsPerDay, using: &random)
        return event
    }
}

extension Scenario {
    /// Tiny sizes, and derived tables that are due early.
    static func derivingOptions() -> StoreOptions {
        var options = options()
        options.derivedTables = derivedRollup.derivedTables
        options.derivationRows = 30
        options.derivationWaitFlushes = 3
        options.derivationSliceRows = 20
        return options
    }
}

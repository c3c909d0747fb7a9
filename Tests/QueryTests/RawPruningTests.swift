import Base
import Disk
import Expressions
import PartFormat
import Query
import Store
import Testing

private let start: Milliseconds = 1_767_225_600_000  // 2026-01-01
private let hour: Milliseconds = 3_600_000

/// Queries over merged parts of events on a disk read the granules that can matter, and no row is
/// lost by that.
@Suite struct RawPruningTests {
    private static let granuleRows = 50
    private static let rowCount = 6_000

    private static func options() -> StoreOptions {
        var options = StoreOptions()
        options.granuleRows = granuleRows
        options.filterRowsLeast = 1
        options.filterEntriesLeast = 0
        options.filterGranules = 4
        options.mergeFanIn = 2
        options.minimumFreeBytes = 0
        options.mergesInBackground = false
        return options
    }

    /// Users come in one after the other, so that each is in few granules; pages in turns.
    private static func rows() -> [RawRow] {
        (0..<rowCount).map { index in
            var row = RawRow(time: start + Milliseconds(index) * hour / Milliseconds(rowCount))
            row.type = index % 10 == 9 ? "click" : "view"
            row.user = index % 11 == 3 ? nil : "user_\(index / 40 * 7_919 % 1_000)"
            row.session = "sess_\(index)"
            row.properties["plan"] = .string(index % 3 == 0 ? "pro" : "free")
            return row
        }
    }

    private static func filled() throws -> (store: Store, rows: [RawRow]) {
        let store = try Store.open(
            directory: "/data", disk: FaultingDisk(seed: 5), options: options()
        ) { _ in }
        let rows = rows()
        for flush in 0..<4 {
            let batch = rows.enumerated().filter { $0.offset % 4 == flush }.map(\.element)
            try store.commit(
                FlushBatch(
                    flushNumber: UInt64(flush + 1), position: LogPosition(UInt64(flush + 1)),
                    replayPosition: LogPosition(0), watermark: start, state: [],
                    parts: [rawPart(batch)]))
        }
        while try store.mergeOnce() {}
        #expect(store.view().parts(table: "events").count == 1)
        return (store, rows)
    }

    private static func ask(
        _ filter: (name: String, value: String), _ store: Store
    ) throws -> MetricsAnswer {
        let query = try MetricsQuery(
            parameters: [
                ("metric", "views"), ("dimensions", "plan"), ("granularity", "all"),
                ("start", "\(start)"), ("end", "\(start + hour)"), (filter.name, filter.value),
            ], catalog: MetricsPropertyTests.catalog, now: start)
        return try MetricsExecutor(catalog: MetricsPropertyTests.catalog)
            .execute(query, on: store.view())
    }

    private func expect(
        _ filter: (name: String, value: String), _ store: Store, atMost scanned: Int,
        equals rows: [RawRow]
    ) throws {
        let answer = try Self.ask(filter, store)
        #expect(answer.meta.isRaw)
        var found: [String?: UInt64] = [:]
        for row in 0..<answer.rowCount {
            found[answer.text(dimension: 0, row: row)] = answer.values[row]
        }
        let groups = Dictionary(grouping: rows) { $0.text("plan") }
        #expect(found == groups.mapValues { UInt64($0.count) }, "\(filter)")
        #expect(answer.meta.rowsScanned <= scanned, "\(filter): \(answer.meta.rowsScanned)")
    }

    @Test func filtersAndZonesLeaveGranulesOut() throws {
        let (store, rows) = try Self.filled()
        defer { store.close() }
        let views = rows.filter { $0.type == "view" }
        // Sorted by type and time, a user of 40 events is in one or two granules, and so in one or
        // two of the 30 filters; one in sixteen of the others passes by chance.
        for index in stride(from: 0, to: Self.rowCount, by: 397) {
            guard let user = rows[index].user else { continue }
            try expect(
                ("filter.userId", user), store, atMost: 40 * Self.granuleRows,
                equals: views.filter { $0.user == user })
        }
        // Of sessions each row has its own.
        for index in stride(from: 0, to: Self.rowCount, by: 611) {
            let session = rows[index].session ?? ""
            try expect(
                ("filter.sessionId", session), store, atMost: 40 * Self.granuleRows,
                equals: views.filter { $0.session == session })
        }
        try expect(("filter.userId", "nobody"), store, atMost: 0, equals: [])
        // The type of the metric is the first sort column: its zones leave the clicks out.
        try expect(
            ("filter.plan", "pro"), store, atMost: views.count + 2 * Self.granuleRows,
            equals: views.filter { $0.text("plan") == "pro" })
    }

    /// What is not a set of values is not asked of filters.
    @Test func otherConditionsReadAll() throws {
        let (store, rows) = try Self.filled()
        defer { store.close() }
        let views = rows.filter { $0.type == "view" }
        try expect(
            ("filters", #"{"userId":null}"#), store, atMost: Self.rowCount,
            equals: views.filter { $0.user == nil })
        try expect(
            ("filters", #"{"userId":{"not":"user_0"}}"#), store, atMost: Self.rowCount,
            equals: views.filter { $0.user != "user_0" })
        try expect(
            ("filters", #"{"userId":["user_0","user_919",null]}"#), store, atMost: Self.rowCount,
            equals: views.filter { [nil, "user_0", "user_919"].contains($0.user) })
    }

    /// A page of a filter that is damaged is found by the query that reads it.
    @Test func damageIsReportedByWhoMeetsIt() throws {
        let disk = FaultingDisk(seed: 6)
        let store = try Store.open(
            directory: "/data", disk: disk, options: Self.options()
        ) { _ in }
        for flush in 0..<2 {
            let batch = Self.rows().enumerated().filter { $0.offset % 2 == flush }.map(\.element)
            try store.commit(
                FlushBatch(
                    flushNumber: UInt64(flush + 1), position: LogPosition(UInt64(flush + 1)),
                    replayPosition: LogPosition(0), watermark: start, state: [],
                    parts: [rawPart(batch)]))
        }
        while try store.mergeOnce() {}
        let part = try #require(store.view().parts(table: "events").first)
        let column = try #require(part.schema.columnIndex("sessionId"))
        let path = "/data/\(part.file)"
        let bytes = try #require(disk.contents(of: path))
        let footer = try PartFooter(
            decoding: Array(
                bytes[
                    PartFooter.footerRange(
                        tail: Array(bytes[PartFooter.tailRange(fileSize: bytes.count)]).span,
                        fileSize: bytes.count)]
            ).span, fileSize: bytes.count)
        let filter = try #require(footer.filters.first { $0.column == column })
        let page = filter.pageRange(of: Array("sess_1".utf8).span)
        disk.flip(path, offset: page.lowerBound + 3)
        #expect(throws: StoreError.self) {
            try part.granules([0], column: column, holdingAny: [Array("sess_1".utf8)])
        }
        store.close()
    }
}

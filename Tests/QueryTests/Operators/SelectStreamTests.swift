import Base
import Disk
import Expressions
import PartFormat
import Query
import Store
import Testing

/// Rows that stream through filters and projections, what is left unread, and what ends a query.
@Suite struct SelectStreamTests {
    private static let start = OperatorRows.start

    private func executor(
        _ source: TestTables, _ control: QueryControl = QueryControl(), workers: Int = 3
    ) -> SelectExecutor {
        var options = SelectExecutor.Options()
        options.granulesPerItem = 2
        return SelectExecutor(
            source, control: control, pool: QueryPool(threads: 2), workers: workers,
            options: options)
    }

    private func column(_ index: Int) -> Expression {
        .column(index, OperatorRows.columns[index].type)
    }

    private let scan = LogicalPlan.scan(
        TableScan(table: "events", columns: OperatorRows.columns))

    @Test func filtersAndProjectionsKeepTheOrderOfRows() throws {
        var random = SeededRandom(seed: 31)
        let rows = OperatorRows.random(1_500, &random)
        let (source, store) = try OperatorRows.source(rows, granuleRows: 16, &random)
        defer { store.close() }
        let plan = LogicalPlan.project(
            [column(1), OperatorRows.hourOfTime, column(8)],
            .filter(
                .and([
                    .oneOf(column(0), [.string("view"), .string("click")], listHasNull: false),
                    .not(.isNull(column(1))),
                ]), scan))
        var answers: [[[Value]]] = []
        for workers in [1, 3] {
            var found: [[Value]] = []
            let statistics = try executor(source, workers: workers).run(plan) {
                batch throws(QueryError) in
                found += batch.rows(plan.types)
            }
            #expect(statistics.operators.map(\.name) == ["project", "filter", "scan events"])
            #expect(statistics.operators[0].rowsOut == found.count)
            answers.append(found)
        }
        #expect(answers[0] == answers[1])
        let expected = rows.filter { $0.type != "scroll" && $0.user != nil }.map { row in
            [
                OperatorRows.value(row, 1),
                .timestamp(floorDivide(row.time, OperatorRows.hour) * OperatorRows.hour),
                OperatorRows.value(row, 8),
            ]
        }
        #expect(answers[0].map { "\($0)" }.sorted() == expected.map { "\($0)" }.sorted())
    }

    @Test func aLimitEndsTheScan() throws {
        var random = SeededRandom(seed: 32)
        let rows = OperatorRows.random(4_000, &random)
        let (source, store) = try OperatorRows.source(rows, granuleRows: 16, &random)
        defer { store.close() }
        var count = 0
        let statistics = try executor(source).run(.limit(count: 10, offset: 5, scan)) {
            batch throws(QueryError) in
            count += batch.rowCount
        }
        #expect(count == 10)
        #expect(statistics.rowsScanned < 2_000)
    }

    @Test func granulesThatCannotMatterAreNotRead() throws {
        var random = SeededRandom(seed: 33)
        let rows = OperatorRows.random(3_000, &random)
        var options = StoreOptions()
        options.granuleRows = 16
        options.minimumFreeBytes = 0
        options.mergesInBackground = false
        let store = try Store.open(
            directory: "/data", disk: FaultingDisk(seed: 1), options: options
        ) { _ in }
        defer { store.close() }
        try store.commit(
            FlushBatch(
                flushNumber: 1, position: LogPosition(1), replayPosition: LogPosition(0),
                watermark: Self.start, state: [], parts: [rawPart(rows)]))
        var source = TestTables()
        source.parts["events"] = store.view().sources(table: "events")
        func granulesRead(_ condition: Expression) throws -> (read: Int, rows: Int) {
            var count = 0
            let statistics = try executor(source).run(.filter(condition, scan)) {
                batch throws(QueryError) in
                count += batch.rowCount
            }
            let scan = try #require(statistics.operators.compactMap(\.scan).first)
            #expect(scan.granulesTotal >= rows.count / 16)
            return (scan.granulesRead, count)
        }
        // Sorted by type and then time, a third of the granules has a type.
        let views = try granulesRead(
            .oneOf(column(0), [.string("view")], listHasNull: false))
        #expect(views.rows == rows.count { $0.type == "view" })
        #expect(views.read < 2 * rows.count / 16 / 3)
        let nobody = try granulesRead(
            .oneOf(column(1), [.string("nobody")], listHasNull: false))
        #expect(nobody == (0, 0))
        let late = try granulesRead(
            OperatorRows.notBefore(Self.start + 71 * OperatorRows.hour))
        #expect(late.rows == rows.count { $0.time >= Self.start + 71 * OperatorRows.hour })
        #expect(late.read < rows.count / 16 / 8)
    }

    @Test func aQueryEndsWithinItsLimits() throws {
        var random = SeededRandom(seed: 34)
        let rows = OperatorRows.random(4_000, &random)
        let (source, store) = try OperatorRows.source(rows, granuleRows: 100, &random)
        defer { store.close() }
        let plan = LogicalPlan.aggregate(
            keys: [column(10), column(6)],
            calls: [AggregateCall(.countRows, [], type: .integer)], scan)
        func error(_ control: QueryControl) -> QueryError? {
            do throws(QueryError) {
                _ = try executor(source, control).run(plan) { _ in }
                return nil
            } catch {
                return error
            }
        }
        #expect(error(QueryControl(bytesMost: 10_000))?.code == "query_limit")
        #expect(error(QueryControl(timeout: .zero))?.code == "query_limit")
        let cancelled = QueryControl()
        cancelled.cancel()
        #expect(error(cancelled)?.code == "cancelled")
        #expect(error(QueryControl()) == nil)
    }

    @Test func damagedPartsAreMissing() throws {
        var random = SeededRandom(seed: 35)
        let rows = OperatorRows.random(200, &random)
        let disk = FaultingDisk(seed: 2)
        var options = StoreOptions()
        options.minimumFreeBytes = 0
        options.mergesInBackground = false
        let store = try Store.open(directory: "/data", disk: disk, options: options) { _ in }
        defer { store.close() }
        for (flush, batch) in [rows.prefix(120), rows.suffix(80)].enumerated() {
            try store.commit(
                FlushBatch(
                    flushNumber: UInt64(flush + 1), position: LogPosition(UInt64(flush + 1)),
                    replayPosition: LogPosition(0), watermark: Self.start, state: [],
                    parts: [rawPart(Array(batch))]))
        }
        var source = TestTables()
        source.parts["events"] = store.view().sources(table: "events")
        let parts = store.view().parts(table: "events")
        let damaged = try #require(parts.first)
        let contents = try #require(disk.contents(of: "/data/\(damaged.file)"))
        // Blocks come first; of these every byte is under some checksum.
        for offset in stride(from: 0, to: contents.count / 2, by: 16) {
            disk.flip("/data/\(damaged.file)", offset: offset)
        }
        var counted: Value = .null
        let plan = LogicalPlan.aggregate(
            keys: [], calls: [AggregateCall(.count, [column(2)], type: .integer)], scan)
        let statistics = try executor(source).run(plan) { batch throws(QueryError) in
            counted = batch.columns[0].value(0, .integer)
        }
        #expect(statistics.isPartial)
        #expect(counted == .integer(Int64(rows.count - damaged.rowCount)))
    }
}

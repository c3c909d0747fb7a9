import Base
import Disk
import Expressions
import PartFormat
import Store
import Testing

@testable import weir_part

/// Data directories that the store made, looked at beside it and when they are damaged.
@Suite struct DirectoryTests {
    private static let schema = TableSchema(
        name: "t", kind: .rollup, partitioning: .day, timeColumn: "at", sortKey: ["page", "at"],
        columns: [
            ColumnSchema(name: "page", type: .string, role: .key),
            ColumnSchema(name: "at", type: .timestamp, role: .key),
            ColumnSchema(name: "events", type: .integer, role: .count),
        ])

    private func batch(_ flush: UInt64) -> FlushBatch {
        let pages = StringTable((0..<5).map { "/page/\($0)" })
        let part = MemoryPart(
            schema: Self.schema, rowCount: 5,
            columns: [
                .vector(Vector(type: .string, values: .codes([1, 2, 3, 4, 5], dictionary: pages))),
                .vector(
                    Vector(
                        type: .timestamp,
                        values: .integers((0..<5).map { Int64($0 % 2) * 60_000 }))),
                .vector(Vector(type: .integer, values: .integers([1, 2, 3, 4, 5]))),
            ])
        return FlushBatch(
            flushNumber: flush, position: LogPosition(flush * 10), replayPosition: LogPosition(0),
            watermark: 0, state: [], parts: [part])
    }

    private func open(_ disk: any Disk) throws -> Store {
        var options = StoreOptions()
        options.mergesInBackground = false
        options.mergeFanIn = 2
        options.minimumFreeBytes = 0
        return try Store.open(directory: "/data", disk: disk, options: options) { _ in }
    }

    /// A directory of some flushes; closed.
    private func filled(_ flushes: UInt64 = 3) throws -> FaultingDisk {
        let disk = FaultingDisk(seed: 5)
        let store = try open(disk)
        for flush in 1...flushes { try store.commit(batch(flush)) }
        store.close()
        return disk
    }

    private struct Result {
        var found: [CorruptionError] = []
        var counts = VerifyCounts()
        var goneCount = 0
    }

    /// Verifies all but the log; `between` happens once the manifest was read.
    private func verify(
        _ disk: any Disk, _ path: String = "/data", between: () throws -> Void = {}
    ) throws -> Result {
        var result = Result()
        var found: [CorruptionError] = []
        let findings = Findings { found.append($0) }
        let console = Console(isSilent: true)
        let source = try Source(path, disk: disk)
        try between()
        if source.kind == .dataDirectory {
            try DirectoryVerifier(source: source, findings: findings, console: console)
                .run(&result.counts)
        }
        var visit = PartVisit(source, findings, console)
        var parts = 0
        try visit.forEach { part, place throws(StoreError) in
            var verifier = PartVerifier(part, place, findings, console)
            try verifier.run()
            parts += 1
        }
        result.found = found
        result.counts.parts = parts
        result.goneCount = visit.goneCount
        return result
    }

    @Test func whatTheStoreMakesIsRight() throws {
        let disk = try filled()
        let result = try verify(disk)
        #expect(result.found == [] && result.counts.parts == 3 && result.goneCount == 0)
        for path in ["/data/tables", "/data/tables/t", "/data/tables/t/1970-01-01"] {
            let below = try verify(disk, path)
            #expect(below.found == [] && below.counts.parts == 3, "\(path)")
        }
    }

    /// A merge replaces the parts of the manifest that was read: no damage.
    @Test func partsThatAMergeReplacesMeanwhile() throws {
        let disk = try filled()
        let store = try open(disk)
        defer { store.close() }
        let result = try verify(disk) {
            for flush: UInt64 in 4...8 { try store.commit(batch(flush)) }
            while try store.mergeOnce() {}
        }
        #expect(result.found == [])
        #expect(result.goneCount > 0 && result.goneCount + result.counts.parts == 3)
    }

    @Test func aPartThatIsMissing() throws {
        let disk = try filled()
        try disk.unlink("/data/tables/t/1970-01-01/2-2.part")
        let found = try verify(disk).found
        #expect(found.map(\.file) == ["/data/tables/t/1970-01-01/2-2.part"])
        #expect(found.first?.expected == "a file")
    }

    @Test func partsThatWereSwapped() throws {
        let disk = try filled()
        let folder = "/data/tables/t/1970-01-01"
        try disk.rename("\(folder)/1-1.part", to: "\(folder)/x")
        try disk.rename("\(folder)/2-2.part", to: "\(folder)/1-1.part")
        try disk.rename("\(folder)/x", to: "\(folder)/2-2.part")
        let found = try verify(disk).found
        #expect(found.map(\.found) == ["2...2", "1...1"])
    }

    /// Every byte of the manifest: damage is named, and what can be read is read.
    @Test func everyByteOfTheManifest() throws {
        let disk = try filled()
        let whole = try disk.bytes("/data/manifest")
        var last = 0
        ManifestFrames.walk(whole) { piece in
            if case .record(_, _, let range) = piece { last = range.lowerBound }
        }
        for offset in whole.indices {
            var bytes = whole
            bytes[offset] ^= 1 << UInt8(offset % 8)
            try disk.write("/data/manifest", bytes)
            let result = try verify(disk)
            if offset < last {
                #expect(result.found.contains { $0.file == "/data/manifest" }, "byte \(offset)")
            } else {
                // A last record that does not fit was never acknowledged, as far as one can tell.
                #expect(result.found == [] && result.counts.parts == 2, "byte \(offset)")
            }
        }
    }

    @Test func aNewerFormatIsRefused() throws {
        let disk = try filled()
        try disk.write("/data/FORMAT", Array("weir \(storeFormatVersion + 1)\n".utf8))
        #expect {
            try Source("/data", disk: disk)
        } throws: { error in
            guard case .cannotRead(let reason) = error as? ToolError else { return false }
            return reason.contains("newer than \(storeFormatVersion)")
        }
        try disk.write("/data/FORMAT", Array("wehr\n".utf8))
        #expect(try verify(disk).found.map(\.file) == ["/data/FORMAT"])
    }

    @Test func basesOfDerivedTables() {
        let tables: Set = ["page_views_minute", "views_minute", "page_views_minute_corrections"]
        let base = { DirectoryVerifier.base(of: $0, among: tables) }
        #expect(base("page_views_hour_by_page-device") == "page_views_minute")
        #expect(base("page_views_minute_total") == "page_views_minute")
        #expect(base("page_views_hour_corrections") == "page_views_minute_corrections")
        #expect(base("page_views_minute") == nil && base("clicks_hour") == nil)
    }
}

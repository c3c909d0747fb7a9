import Base
import Disk
import Expressions
import PartFormat
import Store
import Testing

/// Columns that follow from others, flushed, merged and read alone.
@Suite struct CorrelatedColumnTests {
    private static let rowCount = 4_000
    private static let sessionCount = 700

    /// Sessions and their users, of whom some change within a session; received soon after.
    private static func part(flush: Int) -> MemoryPart {
        var random = SeededRandom(seed: UInt64(flush))
        let sessions = (0..<rowCount).map { _ in random.below(sessionCount) }
        let users = sessions.map { random.below(100) == 0 ? 299 : $0 * 7 % 300 }
        let times = sessions.map { _ in Milliseconds(random.below(86_400_000)) }
        let schema = TableSchema(
            name: "events", kind: .raw, partitioning: .day, timeColumn: "timestamp",
            sortKey: ["timestamp"],
            columns: [
                ColumnSchema(name: "user", type: .string, role: .value),
                ColumnSchema(name: "timestamp", type: .timestamp, role: .key),
                ColumnSchema(name: "session", type: .string, role: .value),
                ColumnSchema(name: "receivedAt", type: .timestamp, role: .value),
            ])
        return MemoryPart(
            schema: schema, rowCount: rowCount,
            columns: [
                .vector(TestRows.coded(users.map { "user \($0)" })),
                .vector(Vector(type: .timestamp, values: .integers(times))),
                .vector(TestRows.coded(sessions.map { $0 == 5 ? nil : "session \($0)" })),
                .vector(
                    Vector(
                        type: .timestamp,
                        values: .integers(times.map { $0 + Int64(random.below(500)) }))),
            ])
    }

    /// The rows of all parts, each column read by itself; and the bytes of the parts.
    private func read(_ store: Store) throws -> (rows: [String], byteCount: Int) {
        var rows: [String] = []
        var byteCount = 0
        for part in store.view().parts(table: "events") {
            let granules = Array(0..<part.granuleCount)
            var texts = [String](repeating: "", count: part.rowCount)
            for column in part.schema.columns.indices {
                var row = 0
                for vectors in try part.read(columns: [column], granules: granules) {
                    for index in 0..<vectors[0].count {
                        texts[row] += "\(vectors[0].text(row: index)) "
                        row += 1
                    }
                }
            }
            rows += texts
            byteCount += part.byteCount
        }
        return (rows.sorted(), byteCount)
    }

    @Test(arguments: [0, Int.max]) func theyAreReadAloneAndMerged(wideBytesLeast: Int) throws {
        var options = Scenario.options()
        options.granuleRows = 1_000
        options.dictionaryBytes = 1 << 20
        options.wideBytesLeast = wideBytesLeast
        let store = try Scenario.open(FaultingDisk(seed: 41), "/data", options)
        for flush in 1...3 {
            try store.commit(Scenario.batch(UInt64(flush), parts: [Self.part(flush: flush)]))
        }
        let flushed = try read(store)
        #expect(flushed.rows.count == 3 * Self.rowCount && Set(flushed.rows).count > 11_000)
        while try store.mergeOnce() {}
        let merged = try read(store)
        #expect(store.view().parts(table: "events").count == 1)
        #expect(merged.rows == flushed.rows)
        // 10 bits of a session, 27 and 9 of the two times; the users' 9 bits are hardly kept.
        #expect(merged.byteCount < 3 * Self.rowCount * (10 + 27 + 9 + 3) / 8 + 6_000)
        store.close()
    }
}

extension Vector {
    fileprivate func text(row: Int) -> String {
        switch values {
        case .codes(let codes, let dictionary):
            codes[row] == 0 ? "-" : dictionary[Int(codes[row]) - 1]
        case .integers(let numbers): "\(numbers[row])"
        case .strings, .floats, .booleans: "?"
        }
    }
}

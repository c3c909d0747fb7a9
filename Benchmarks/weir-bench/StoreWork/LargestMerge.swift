internal import Base
internal import Disk
internal import Expressions
internal import PartFormat
internal import Store

/// Merges whose inputs take all the memory that they may: wide tables of events with the largest
/// dictionaries, with columns that follow from others, and with long ids.
struct LargestMerge {
    /// What the dictionaries of the parts have in common.
    enum Kind: String, CaseIterable {
        /// All: the union is as large as each, and every code is mapped.
        case twoAlike = "two parts, equal dictionaries"
        /// Nothing: the union is too large, and columns become plain strings.
        case twoApart = "two parts, different dictionaries"
        /// Little: there are as many parts as a merge takes.
        case many = "sixteen parts"
    }

    let kind: Kind
    /// Entries of the dictionary of sessions in one part; a part has as many rows.
    let entryCount: Int
    let seed: UInt64
    let directory: String

    private static let integerColumns = 44
    private static let start: Milliseconds = 1_767_571_200_000

    private var partCount: Int { kind == .many ? 16 : 2 }
    private var rowCount: Int { kind == .many ? entryCount / 8 : entryCount }

    /// How many bytes the process grew by at most while it merged, and how many may be.
    func run() throws(UsageError) -> (bytes: Int, bound: Int) {
        var options = StoreOptions()
        options.mergesInBackground = false
        options.mergeFanIn = partCount
        do {
            let store = try Store.open(
                directory: directory, disk: LinuxDisk(), options: options, syncLog: { _ in })
            defer { store.close() }
            var random = SeededRandom(seed: seed)
            for flush in 1...partCount {
                let position = LogPosition(UInt64(flush))
                try store.commit(
                    FlushBatch(
                        flushNumber: UInt64(flush), position: position, replayPosition: position,
                        watermark: Self.start, state: [], parts: [part(flush, &random)]))
            }
            let growth = try MemoryGrowth.most { () throws(StoreError) in
                while try store.mergeOnce() {}
            }
            guard store.metrics().merges > 0 else {
                throw UsageError("\(kind.rawValue): nothing was merged")
            }
            return (growth, options.mergeBytesMost)
        } catch let error as UsageError {
            throw error
        } catch {
            throw UsageError("\(directory): \(error)")
        }
    }

    private func part(_ flush: Int, _ random: inout SeededRandom) -> MemoryPart {
        let first = kind == .twoAlike ? 0 : flush * rowCount
        var columns: [ColumnSchema] = []
        var vectors: [Vector] = []
        func add(_ name: String, _ vector: Vector) {
            columns.append(ColumnSchema(name: name, type: vector.type, role: .value))
            vectors.append(vector)
        }
        let ids = StringTable(
            (0..<rowCount).map { "\(flush)-\($0)-" + String(repeating: "x", count: 100) })
        add("eventId", Vector(type: .string, values: .strings(ids)))
        let sessions = (0..<rowCount).map { _ in random.below(rowCount) }
        add("sessionId", coded(sessions, first, "s"))
        add("userId", coded(sessions.map { $0 / 3 }, first, "u"))
        add("properties.referrer", coded(sessions.map { $0 / 3 }, first, "r"))
        let times = (0..<rowCount).map { _ in Self.start + Milliseconds(random.below(80_000_000)) }
        add("timestamp", Vector(type: .timestamp, values: .integers(times)))
        for column in 0..<Self.integerColumns {
            let numbers = (0..<rowCount).map { _ in Int64(random.below(1 << 40)) }
            add("properties.n\(column)", Vector(type: .integer, values: .integers(numbers)))
        }
        let schema = TableSchema(
            name: LiveGeneration.rawTable, kind: .raw, partitioning: .day,
            timeColumn: "timestamp", sortKey: ["timestamp"], columns: columns)
        return MemoryPart(
            schema: schema, rowCount: rowCount, columns: vectors.map { .vector($0) })
    }

    private func coded(_ values: [Int], _ first: Int, _ letter: String) -> Vector {
        let count = (values.max() ?? 0) + 1
        let entries = StringTable((0..<count).map { "\(letter)\(100_000_000 + first + $0)" })
        return Vector(
            type: .string, values: .codes(values.map { UInt32($0 + 1) }, dictionary: entries))
    }
}

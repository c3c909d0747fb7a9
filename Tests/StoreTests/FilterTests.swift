import Base
import Disk
import Expressions
import PartFormat
import Store
import Testing

/// Merged parts of events know which values are not in them.
@Suite struct FilterTests {
    private static func merged(
        _ disk: FaultingDisk, seed: UInt64, dictionaryBytes: Int
    ) throws -> (store: Store, part: Part) {
        var options = Scenario.options()
        options.dictionaryBytes = dictionaryBytes
        options.wideBytesLeast = seed % 2 == 0 ? 0 : .max
        let store = try Scenario.open(disk, "/data", options)
        var random = SeededRandom(seed: seed)
        for flush in 1...4 {
            let events = Scenario.events(60, from: flush * 60, days: 1, using: &random)
            try store.commit(Scenario.batch(UInt64(flush), events))
        }
        while try store.mergeOnce() {}
        let parts = store.view().parts(table: "events")
        return (store, try #require(parts.max { $0.rowCount < $1.rowCount }))
    }

    /// The values of a column by granule.
    private static func values(_ part: Part, _ column: Int) throws -> [Set<[UInt8]>] {
        let granules = Array(0..<part.granuleCount)
        return try part.read(columns: [column], granules: granules).map { vectors in
            switch vectors[0].values {
            case .codes(let codes, let dictionary):
                return Set(
                    codes.filter { $0 != 0 }.map { Array(dictionary.bytes(at: Int($0) - 1)) })
            case .strings(let table):
                return Set(
                    (0..<table.count).filter { vectors[0].validity?[$0] ?? true }
                        .map { Array(table.bytes(at: $0)) })
            default: return []
            }
        }
    }

    @Test(arguments: [2, 3], [0, 1 << 20])
    func noGranuleIsLostAndOthersAreLeftOut(seed: Int, dictionaryBytes: Int) throws {
        let disk = FaultingDisk(seed: UInt64(seed))
        let (store, part) = try Self.merged(
            disk, seed: UInt64(seed), dictionaryBytes: dictionaryBytes)
        defer { store.close() }
        let all = Array(0..<part.granuleCount)
        #expect(all.count > 6)
        for (column, schema) in part.schema.columns.enumerated()
        where schema.type == .string && schema.role == .value {
            let values = try Self.values(part, column)
            var kept = 0
            var asked = 0
            for value in values.reduce(into: Set<[UInt8]>(), { $0.formUnion($1) }) {
                let found = try part.granules(
                    all, column: column, holdingAny: [value, Array("nothing".utf8)])
                let holding = all.filter { values[$0].contains(value) }
                #expect(Set(found).isSuperset(of: holding), "\(schema.name)")
                kept += found.count - holding.count
                asked += all.count - holding.count
            }
            // Nearly every granule has nearly every device.
            #expect(kept < asked || schema.name == "properties.device", "\(schema.name)")
            // One in four, and none in dictionaries, which know for sure.
            var others = 0
            for index in 0..<200 {
                let value = Array("other \(index)".utf8)
                others += try part.granules(all, column: column, holdingAny: [value]).count
            }
            #expect(others < all.count * 200 / 3, "\(schema.name): \(others)")
            #expect(try part.granules([], column: column, holdingAny: [[0x61]]).isEmpty)
        }
    }
}

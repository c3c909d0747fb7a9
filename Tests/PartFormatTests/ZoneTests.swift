import Base
import Expressions
import PartFormat
import Testing

/// Zone maps against what a look at every value says.
@Suite struct ZoneTests {
    @Test(arguments: [0, 1, 4, 7, 8] as [UInt64])
    func zonesHoldAllValues(nulls: UInt64) throws {
        let sample = PartSample.random(rows: 200, nulls: nulls, seed: nulls)
        var options = PartWriterOptions()
        options.granuleRows = 9
        let footer = try openPart(sample.write(options: options))
        for column in sample.schema.columns.indices {
            for granule in 0..<footer.granuleCount {
                let rows = footer.granuleStarts[granule]..<footer.granuleStarts[granule + 1]
                check(
                    footer.zone(column: column, granule: granule),
                    Array(sample.cells[column][rows]), sample.schema.columns[column].type)
            }
        }
    }

    private func check(_ zone: Zone, _ cells: [Cell], _ type: ValueType) {
        let present = cells.filter { $0 != .null }
        #expect(zone.nullCount == cells.count - present.count)
        guard !present.isEmpty else {
            #expect(zone.bounds == .empty)
            return
        }
        switch type {
        case .integer, .timestamp:
            let numbers = present.compactMap { cell -> Int64? in
                if case .integer(let number) = cell { number } else { nil }
            }.sorted()
            #expect(zone.bounds == .integers(numbers[0]...numbers[numbers.count - 1]))
        case .float:
            let numbers = present.compactMap { cell -> Double? in
                if case .float(let bits) = cell { Double(bitPattern: bits) } else { nil }
            }
            if numbers.contains(where: \.isNaN) {
                #expect(zone.bounds == .unknown)
            } else {
                let sorted = numbers.sorted()
                #expect(zone.bounds == .floats(sorted[0]...sorted[sorted.count - 1]))
            }
        case .string, .json:
            guard case .strings(let least, let greatest) = zone.bounds else {
                Issue.record("no bounds of strings")
                return
            }
            let sorted = present.compactMap(\.bytes).sorted { $0.lexicographicallyPrecedes($1) }
            checkStrings(least, greatest, sorted)
        case .boolean, .state: #expect(zone.bounds == .unknown)
        }
    }

    private func checkStrings(_ least: [UInt8], _ greatest: [UInt8], _ sorted: [[UInt8]]) {
        let limit = PartLimits.boundBytesMax
        #expect(least == Array(sorted[0].prefix(limit)))
        let last = sorted[sorted.count - 1]
        if last.count <= limit {
            #expect(greatest == last)
        } else {
            #expect(last.lexicographicallyPrecedes(greatest) && greatest.count <= limit)
        }
    }

    @Test func boundsOfLongStringsAreCutSafely() throws {
        let prefix = [UInt8](repeating: 0x61, count: 31)
        #expect(try bounds([prefix + [0x62, 0x63]]) == (prefix + [0x62], prefix + [0x63]))
        // Where the last byte cannot grow, the one before it does.
        #expect(
            try bounds([prefix + [0xFF, 0x00]])
                == (prefix + [0xFF], Array(prefix.dropLast()) + [0x62]))
        let nothingFollows = [UInt8](repeating: 0xFF, count: 40)
        #expect(try bounds([nothingFollows]) == nil)
        #expect(try bounds([[0x62], [], [0x61, 0x00], [0x61]]) == ([], [0x62]))
    }

    private func bounds(_ strings: [[UInt8]]) throws -> ([UInt8], [UInt8])? {
        let columns = [
            ColumnSchema(name: "timestamp", type: .timestamp, role: .key),
            ColumnSchema(name: "name", type: .string, role: .value),
        ]
        let schema = TableSchema(
            name: "t", kind: .raw, partitioning: .day, timeColumn: "timestamp",
            sortKey: ["timestamp"], columns: columns)
        let sample = PartSample(
            schema: schema,
            cells: [strings.map { _ in .integer(1) }, strings.map { .string($0) }], coded: [])
        let footer = try openPart(sample.write(options: PartWriterOptions()))
        let zone = footer.zone(column: 1, granule: 0)
        guard case .strings(let least, let greatest) = zone.bounds else {
            #expect(zone.bounds == .unknown)
            return nil
        }
        return (least, greatest)
    }
}

/// Optional pairs, which have no `==` of their own.
private func == (left: ([UInt8], [UInt8])?, right: ([UInt8], [UInt8])?) -> Bool {
    left?.0 == right?.0 && left?.1 == right?.1
}

import Base
import EventLog
import Expressions
import PartFormat
import Store
import Stream
import Testing

/// The events of live generations, as queries read them, against those that a flush writes.
@Suite struct RawTailTests {
    @Test(arguments: 0..<20) func readsWhatAFlushWrites(round: Int) throws {
        var random = SeededRandom.fresh()
        let seed = random.seed
        let blocks = TestBlock.random(count: 40, rowsMax: [1, 5, 40][round % 3], &random)
        var state = StreamState(options: StreamOptions(), catalog: .builtIn)
        for (index, block) in blocks.enumerated() {
            let logTime = blocks[...index].map(\.receivedAt).max() ?? 0
            let mark = LogMark(position: LogPosition(UInt64(index)), logTime: logTime)
            state.take(block.block, at: mark)
        }
        let live = state.liveGeneration()
        let written = try #require(
            state.freeze().batch().parts.first { $0.schema.name == "events" })
        let raw = try #require(live.raw)
        #expect(raw.schema == written.schema, "seed \(seed)")
        #expect(raw.rowCount == written.rowCount && raw.timeRange == written.timeRange)
        let granules = Array(0..<raw.granuleCount)
        let read = try raw.read(columns: Array(raw.schema.columns.indices), granules: granules)
        for (column, schema) in raw.schema.columns.enumerated() {
            let found = read.flatMap { texts(of: $0[column]) }
            #expect(
                found == texts(of: written.vector(column: column)),
                "\(schema.name), seed \(seed)")
        }
        for granule in granules {
            #expect(read[granule].allSatisfy { $0.count == raw.rowCount(granule: granule) })
        }
    }

    private func texts(of vector: Vector) -> [String?] {
        let text = vector.castToText()
        switch text.values {
        case .codes(let codes, let dictionary):
            return codes.map { $0 == 0 ? nil : dictionary[Int($0) - 1] }
        case .strings(let table):
            return (0..<table.count).map { row in
                text.validity?[row] ?? true ? table[row] : nil
            }
        case .integers, .floats, .booleans: return []
        }
    }
}

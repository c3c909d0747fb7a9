internal import Aggregates
internal import Base
package import Expressions
package import PartFormat

extension MemoryPart: TablePart {
    /// All rows are one granule: nothing is skipped in memory.
    package var granuleCount: Int { rowCount == 0 ? 0 : 1 }

    /// The rows of the only granule.
    package func rowCount(granule: Int) -> Int { rowCount }

    /// Nil: zones are made when the rows are written.
    package func zone(column: Int, granule: Int) -> Zone? { nil }

    /// States are made of members here; who can use those as they are reads `columns`.
    package func read(columns: [Int], granules: [Int]) throws(StoreError) -> [[Vector]] {
        granules.map { _ in columns.map { vector(column: $0) } }
    }

    /// A column's rows as a vector.
    package func vector(column: Int) -> Vector {
        switch columns[column] {
        case .vector(let vector): return vector
        case .members(let members):
            let bySet = members.bySet(setCount: rowCount)
            var writer = ByteWriter()
            var offsets: [UInt32] = [0]
            var hashes: [UInt64] = []
            for row in 0..<rowCount {
                hashes.removeAll(keepingCapacity: true)
                bySet.append(set: row, to: &hashes)
                HyperLogLog.serialize(hashes: &hashes, into: &writer)
                offsets.append(UInt32(writer.count))
            }
            return Vector(
                type: .state, values: .strings(StringTable(offsets: offsets, bytes: writer.bytes)))
        }
    }
}

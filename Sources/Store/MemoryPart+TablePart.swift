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

    /// States of sketches are serialised here; who can use them as they are reads `columns`.
    package func read(columns: [Int], granules: [Int]) throws(StoreError) -> [[Vector]] {
        granules.map { _ in columns.map { vector(column: $0) } }
    }

    /// A column's rows as a vector.
    package func vector(column: Int) -> Vector {
        switch columns[column] {
        case .vector(let vector): return vector
        case .sketches(let sketches):
            var table = StringTable()
            for sketch in sketches { table.append(sketch.serialized()[...]) }
            return Vector(type: .state, values: .strings(table))
        }
    }
}

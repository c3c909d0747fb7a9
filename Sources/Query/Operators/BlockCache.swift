internal import Base
internal import Expressions
internal import Store

/// Decoded blocks of parts on disk, within a budget of bytes: those that were read last.
final class BlockCache: Sendable {
    private struct Key: Hashable {
        /// The part, which is held while its blocks are here.
        var part: ObjectIdentifier
        var column: Int32
        var granule: Int32
    }

    private struct Block {
        var part: Part
        var vector: Vector
    }

    private let budget: Int
    private let blocks: Locked<RecencyCache<Key, Block>>

    init(budget: Int) {
        self.budget = budget
        blocks = Locked(RecencyCache(budget: budget))
    }

    /// Reads columns of granules as `TablePart.read` does, those that are not here from the part.
    func read(
        _ part: any TablePart, columns: [Int], granules: [Int]
    ) throws(StoreError) -> [[Vector]] {
        guard budget > 0, let part = part as? Part else {
            return try part.read(columns: columns, granules: granules)
        }
        let id = ObjectIdentifier(part)
        var found = blocks.withLock { blocks in
            granules.map { granule in
                columns.map { column in
                    blocks.find(
                        Key(part: id, column: Int32(column), granule: Int32(granule)))?.vector
                }
            }
        }
        // Of each granule with something missing, all that is missing in one of them.
        let missing = granules.indices.filter { found[$0].contains { $0 == nil } }
        if missing.isEmpty { return found.map { $0.compactMap { $0 } } }
        let absent = columns.indices.filter { column in
            missing.contains { found[$0][column] == nil }
        }
        let read = try part.read(
            columns: absent.map { columns[$0] }, granules: missing.map { granules[$0] })
        var gone: [Block] = []
        blocks.withLock { blocks in
            for (place, vectors) in zip(missing, read) {
                for (column, vector) in zip(absent, vectors) where found[place][column] == nil {
                    found[place][column] = vector
                    let key = Key(
                        part: id, column: Int32(columns[column]),
                        granule: Int32(granules[place]))
                    gone += blocks.insert(
                        Block(part: part, vector: vector), for: key,
                        byteCount: vector.rowBytes + 200)
                }
            }
        }
        gone.removeAll()
        return found.map { $0.compactMap { $0 } }
    }
}

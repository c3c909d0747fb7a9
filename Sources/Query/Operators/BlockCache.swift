internal import Base
internal import Expressions
internal import Store
internal import Synchronization

/// Decoded blocks of parts on disk, within a budget of bytes.
///
/// Once it is full, a query takes the place only of blocks that neither it nor the query before
/// used: else one that reads more than the budget would drive out its own blocks before it comes to
/// them again.
final class BlockCache: Sendable {
    private struct Key: Hashable {
        /// The part, which is held while its blocks are here.
        var part: ObjectIdentifier
        var column: Int32
        var granule: Int32
    }

    private final class Block: Sendable {
        let part: Part
        let vector: NarrowVector
        /// The query that used it last.
        let lastQuery: Atomic<Int>

        init(_ part: Part, _ vector: NarrowVector, _ query: Int) {
            self.part = part
            self.vector = vector
            lastQuery = Atomic(query)
        }
    }

    private let budget: Int
    private let blocks: Locked<RecencyCache<Key, Block>>
    private let queryCount = Atomic(0)

    init(budget: Int) {
        self.budget = budget
        blocks = Locked(RecencyCache(budget: budget))
    }

    /// The memory that is used, in bytes.
    var usedBytes: Int { blocks.withLock { $0.byteCount } }

    /// The number of a query that begins.
    func begin() -> Int { queryCount.add(1, ordering: .relaxed).newValue }

    /// Reads columns of granules as `TablePart.read` does, those that are not here from the part.
    func read(
        _ part: any TablePart, columns: [Int], granules: [Int], query: Int
    ) throws(StoreError) -> [[Vector]] {
        guard budget > 0, let part = part as? Part else {
            return try part.read(columns: columns, granules: granules)
        }
        let id = ObjectIdentifier(part)
        let known = blocks.withLock { blocks in
            granules.map { granule in
                columns.map { column in
                    blocks.find(
                        Key(part: id, column: Int32(column), granule: Int32(granule)))
                }
            }
        }
        var found = known.map { blocks in
            blocks.map { block -> Vector? in
                block?.lastQuery.store(query, ordering: .relaxed)
                return block?.vector.vector
            }
        }
        let missing = granules.indices.filter { found[$0].contains { $0 == nil } }
        if missing.isEmpty { return found.map { $0.compactMap { $0 } } }
        // Of each granule with something missing, all that is missing in one of them.
        let absent = columns.indices.filter { column in
            missing.contains { found[$0][column] == nil }
        }
        let read = try part.read(
            columns: absent.map { columns[$0] }, granules: missing.map { granules[$0] })
        for (place, vectors) in zip(missing, read) {
            for (column, vector) in zip(absent, vectors) where found[place][column] == nil {
                found[place][column] = vector
                let key = Key(
                    part: id, column: Int32(columns[column]), granule: Int32(granules[place]))
                keep(Block(part, NarrowVector(vector), query), key, query)
            }
        }
        return found.map { $0.compactMap { $0 } }
    }

    private func keep(_ block: Block, _ key: Key, _ query: Int) {
        let byteCount = block.vector.byteCount + 200
        // What goes is let go outside of the lock.
        let gone = blocks.withLock { blocks -> [Block] in
            if blocks.byteCount + byteCount > budget, let oldest = blocks.oldest,
                oldest.lastQuery.load(ordering: .relaxed) + 1 >= query
            {
                return []
            }
            return blocks.insert(block, for: key, byteCount: byteCount)
        }
        _ = gone
    }
}

/// A vector with as few bytes a row as its values allow.
struct NarrowVector: Sendable {
    private enum Rows: Sendable {
        case bytes([UInt8])
        case halves([UInt16])
        case words([UInt32])
        /// As it is.
        case whole
    }

    /// All but the rows, or all.
    private let shape: Vector
    private let rows: Rows
    /// What is added to each row, of integers.
    private let base: Int64
    let byteCount: Int

    init(_ vector: Vector) {
        switch vector.values {
        case .codes(let codes, let dictionary):
            (rows, byteCount) = Self.narrow(codes, count: dictionary.count)
            base = 0
            shape = Vector(type: vector.type, values: .codes([], dictionary: dictionary))
        case .integers(let numbers):
            var (least, greatest) = (numbers.first ?? 0, numbers.first ?? 0)
            for number in numbers {
                least = min(least, number)
                greatest = max(greatest, number)
            }
            let (width, overflow) = greatest.subtractingReportingOverflow(least)
            guard !overflow, width <= Int64(UInt32.max) else {
                rows = .whole
                base = 0
                shape = vector
                byteCount = vector.rowBytes
                return
            }
            let distances = numbers.map { UInt32(truncatingIfNeeded: $0 &- least) }
            let narrowed = Self.narrow(distances, count: Int(width))
            rows = narrowed.rows
            byteCount = narrowed.byteCount + (vector.validity == nil ? 0 : numbers.count / 8)
            base = least
            // The validity is as long as the rows, so the shape cannot stand without them.
            shape = Vector(
                type: vector.type, values: .booleans(vector.validity ?? Bitmap(count: 0)),
                validity: vector.validity)
        case .strings, .floats, .booleans:
            rows = .whole
            base = 0
            shape = vector
            byteCount = vector.rowBytes
        }
    }

    private static func narrow(
        _ numbers: [UInt32], count: Int
    ) -> (rows: Rows, byteCount: Int) {
        if count <= Int(UInt8.max) {
            return (.bytes(numbers.map { UInt8(truncatingIfNeeded: $0) }), numbers.count)
        }
        if count <= Int(UInt16.max) {
            return (.halves(numbers.map { UInt16(truncatingIfNeeded: $0) }), numbers.count * 2)
        }
        return (.words(numbers), numbers.count * 4)
    }

    /// The vector as it was.
    var vector: Vector {
        if case .codes(_, let dictionary) = shape.values {
            let codes: [UInt32] =
                switch rows {
                case .bytes(let rows): rows.map { UInt32($0) }
                case .halves(let rows): rows.map { UInt32($0) }
                case .words(let rows): rows
                case .whole: []
                }
            return Vector(type: shape.type, values: .codes(codes, dictionary: dictionary))
        }
        let base = base
        let numbers: [Int64]
        switch rows {
        case .bytes(let rows): numbers = rows.map { base &+ Int64($0) }
        case .halves(let rows): numbers = rows.map { base &+ Int64($0) }
        case .words(let rows): numbers = rows.map { base &+ Int64($0) }
        case .whole: return shape
        }
        return Vector(type: shape.type, values: .integers(numbers), validity: shape.validity)
    }
}

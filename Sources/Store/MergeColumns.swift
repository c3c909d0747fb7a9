internal import Base
internal import Expressions
internal import PartFormat

/// The columns that a merge writes, and how those of its inputs map to them.
///
/// A column is known by name and type; a part that lacks it has null in each row. The dictionaries
/// of a column are united, and each input's codes mapped to the union, unless some input has the
/// column as plain strings or the union is too large: then the column becomes plain strings.
struct MergeColumns {
    /// Of the newest part, with the columns that only others have behind its own.
    private(set) var schema: TableSchema
    /// The united dictionary of each column that has one.
    private(set) var dictionaries: [Int: StringTable] = [:]
    /// For each input and column of `schema`, the input's column.
    private(set) var sources: [[Int?]] = []
    /// For each input, by column of `schema`, the new code of each of its codes.
    private(set) var remaps: [[Int: [UInt32]]] = []
    /// How many of the parts can be merged at once within the budgets; at least two.
    private(set) var inputCount: Int

    init(_ parts: [Part], options: StoreOptions) throws(StoreError) {
        let taken = try MergeColumns.countWithinBudget(parts, options: options)
        inputCount = taken
        let inputs = parts.prefix(taken)
        let newest = inputs.max { $0.flushRange.upperBound < $1.flushRange.upperBound }
        schema = (newest ?? parts[0]).schema
        for part in inputs {
            for column in part.schema.columns
            where schema.columnIndex(column.name, type: column.type) == nil {
                schema.columns.append(column)
            }
        }
        for part in inputs {
            sources.append(
                schema.columns.map { part.schema.columnIndex($0.name, type: $0.type) })
        }
        remaps = inputs.map { _ in [:] }
        try uniteDictionaries(Array(inputs), options: options)
    }

    /// Whether the rows of a column are codes.
    func isCoded(_ column: Int) -> Bool { dictionaries[column] != nil }

    /// The columns of an input of whose rows the codes are enough: they are those of the union.
    func codedSources(_ input: Int) -> Set<Int> {
        var coded: Set<Int> = []
        for column in dictionaries.keys {
            if let source = sources[input][column] { coded.insert(source) }
        }
        return coded
    }

    private static func countWithinBudget(
        _ parts: [Part], options: StoreOptions
    ) throws(StoreError) -> Int {
        var count = 0
        var byteCount = 0
        for part in parts {
            byteCount += try MergeMemory.dictionaryBytes(part)
            byteCount += MergeMemory.granuleBytes(part, options: options)
            if byteCount > options.mergeInputBytes, count >= 2 {
                part.evict()
                break
            }
            count += 1
        }
        return count
    }

    private mutating func uniteDictionaries(
        _ inputs: [Part], options: StoreOptions
    ) throws(StoreError) {
        var byteCount = 0
        for (column, definition) in schema.columns.enumerated()
        where definition.type == .string || definition.type == .json {
            var united = StringTable()
            var maps: [Int: [UInt32]] = [:]
            var isCoded = true
            for (index, part) in inputs.enumerated() where isCoded {
                guard let source = sources[index][column] else { continue }
                guard let dictionary = try part.dictionary(column: source) else {
                    isCoded = false
                    break
                }
                // Where it is needed after all it is read again.
                part.evict(dictionary: source)
                isCoded =
                    MergeColumns.unite(
                        &united, with: dictionary, input: index, maps: &maps,
                        bytesMost: options.dictionaryBytes - byteCount)
                    && PartImage.fits(united)
            }
            if !isCoded { continue }
            byteCount += united.byteCount
            dictionaries[column] = united
            for (index, map) in maps { remaps[index][column] = map }
        }
    }

    /// Unites two sorted dictionaries; the maps of the inputs before follow the union.
    ///
    /// False if the union is too large.
    private static func unite(
        _ united: inout StringTable, with other: StringTable, input: Int,
        maps: inout [Int: [UInt32]], bytesMost: Int
    ) -> Bool {
        var union = StringTable()
        union.bytes.reserveCapacity(min(united.bytes.count + other.bytes.count, bytesMost))
        var moved: [UInt32] = [0]
        var added: [UInt32] = [0]
        var (left, right) = (0, 0)
        while left < united.count || right < other.count {
            let takesLeft =
                right == other.count
                || (left < united.count && !other.precedes(right, united, left))
            let takesRight =
                left == united.count
                || (right < other.count && !united.precedes(left, other, right))
            union.append(takesLeft ? united.bytes(at: left) : other.bytes(at: right))
            if union.byteCount > bytesMost { return false }
            if takesLeft {
                moved.append(UInt32(union.count))
                left += 1
            }
            if takesRight {
                added.append(UInt32(union.count))
                right += 1
            }
        }
        if union.count != united.count {
            for (index, map) in maps { maps[index] = map.map { moved[Int($0)] } }
        }
        maps[input] = added
        united = union
        return true
    }
}

internal import Base
internal import Expressions
internal import PartFormat

extension StoreOptions {
    /// The rows of a granule of a table with so many columns.
    func granuleRows(columns: Int) -> Int {
        max(1, min(granuleRows, granuleCells / max(1, columns)))
    }

    /// The memory that a merge takes at most, whatever its inputs, beside the footers of its parts:
    /// the sum of all that it may hold at one time.
    package var mergeBytesMost: Int {
        let granule = granuleCells * MergeMemory.rowBytesMost
        // Two parts are merged in any case.
        let pair = 2 * (dictionaryBytes + PartWriterOptions.mapBytesMost + granule + granuleBytes)
        let inputs = max(mergeInputBytes, pair)
        // It is full with `granuleBytes`, and takes as much again at most in one go (see
        // `Merger.room`); its array grows by doubling.
        let output = granule + 4 * granuleBytes
        return inputs + dictionaryBytes + output + writerOptions.bytesMost
    }
}

/// What the inputs of a merge hold in memory.
enum MergeMemory {
    /// Of one value, beside the bytes of strings: a number, and whether there is one.
    static let rowBytesMost = 9
    /// Of one row: its packed key.
    private static let keyBytes = 24

    /// The bytes of a part's largest granule, decoded.
    static func granuleBytes(_ part: Part, options: StoreOptions) -> Int {
        var rowBytes = keyBytes
        var hasStrings = false
        for (index, column) in part.schema.columns.enumerated() {
            switch column.type {
            case .boolean: rowBytes += 2
            case .integer, .timestamp, .float: rowBytes += rowBytesMost
            case .string, .json, .state:
                rowBytes += 5
                if !part.hasDictionary(column: index) { hasStrings = true }
            }
        }
        let rows = (0..<part.granuleCount).map { part.rowCount(granule: $0) }.max() ?? 0
        return rows * rowBytes + (hasStrings ? options.granuleBytes : 0)
    }

    /// The bytes of a part's dictionaries and maps, decoded; the dictionaries are read, and kept.
    static func dictionaryBytes(_ part: Part) throws(StoreError) -> Int {
        var sum = 0
        for column in part.schema.columns.indices {
            sum += try part.dictionary(column: column)?.byteCount ?? 0
            sum += (part.footer.mapCount(column: column) ?? 0) * 4
        }
        return sum
    }
}

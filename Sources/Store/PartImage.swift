internal import Base
internal import Expressions
internal import PartFormat

/// The bytes of a part that a flush writes, made in one go.
enum PartImage {
    /// The bytes of the file.
    static func make(
        _ rows: SortedRows, provenance: PartProvenance, options: StoreOptions
    ) -> [UInt8] {
        let dictionaries = dictionaries(of: rows, byteCount: options.dictionaryBytes)
        var writer = PartWriter(
            schema: rows.schema, dictionaries: dictionaries,
            // Rollups are read far more often than written: their codes stand for themselves.
            rowCount: rows.schema.kind == .raw ? rows.rowCount : 0,
            options: options.writerOptions)
        let granuleRows = options.granuleRows(columns: rows.schema.columns.count)
        for start in stride(from: 0, to: rows.rowCount, by: granuleRows) {
            let end = min(rows.rowCount, start + granuleRows)
            writer.append(rows.columns.map { $0.slice(start..<end) })
        }
        writer.finish(provenance)
        return writer.takeBytes()
    }

    /// The dictionaries that the part keeps: those whose entries repeat, the smallest first, as
    /// long as all fit.
    ///
    /// Keys of rollups always count as such: they repeat once parts are merged, and a merge makes
    /// no dictionary where an input has none.
    private static func dictionaries(
        of rows: SortedRows, byteCount: Int
    ) -> [Int: StringTable] {
        var candidates: [(column: Int, dictionary: StringTable)] = []
        for (index, vector) in rows.columns.enumerated() {
            guard case .codes(let codes, let dictionary) = vector.values else { continue }
            if rows.schema.kind == .rollup
                || isWorthwhile(entries: dictionary.count, rows: codes.count)
            {
                candidates.append((index, dictionary))
            }
        }
        candidates.sort { $0.dictionary.byteCount < $1.dictionary.byteCount }
        var kept: [Int: StringTable] = [:]
        var sum = 0
        for (column, dictionary) in candidates {
            sum += dictionary.byteCount
            if sum > byteCount || !fits(dictionary) { break }
            kept[column] = dictionary
        }
        return kept
    }

    /// Whether a dictionary saves anything: where most rows have a value of their own it does not.
    static func isWorthwhile(entries: Int, rows: Int) -> Bool {
        entries <= 256 || entries * 2 < rows
    }

    /// Whether the format allows a dictionary of that size.
    static func fits(_ dictionary: StringTable) -> Bool {
        dictionary.count <= PartLimits.dictionaryEntriesMax
            && dictionary.bytes.count <= PartLimits.dictionaryBytesMax
    }
}

extension StoreOptions {
    var writerOptions: PartWriterOptions {
        var options = PartWriterOptions()
        options.granuleRows = granuleRows
        options.granuleBytes = granuleBytes
        options.filterRowsLeast = filterRowsLeast
        options.filterEntriesLeast = filterEntriesLeast
        options.filterGranules = filterGranules
        options.filterBitsOfEntries = filterBitsOfEntries
        options.filterBitsOfStrings = filterBitsOfStrings
        options.compressionLevel = compressionLevel
        return options
    }
}

extension PartProvenance {
    /// The least provenance that covers both.
    func union(_ other: PartProvenance) -> PartProvenance {
        let flushes =
            min(
                flushRange.lowerBound, other.flushRange.lowerBound)...max(
                flushRange.upperBound, other.flushRange.upperBound)
        return PartProvenance(
            positionFrom: PartProvenance.combine(positionFrom, other.positionFrom, min),
            positionTo: PartProvenance.combine(positionTo, other.positionTo, max),
            flushRange: flushes)
    }

    /// A partition that one position lacks is taken from the other.
    private static func combine(
        _ left: LogPosition, _ right: LogPosition, _ choose: (UInt64, UInt64) -> UInt64
    ) -> LogPosition {
        let longer = left.partitions.count >= right.partitions.count ? left : right
        let shorter = left.partitions.count >= right.partitions.count ? right : left
        var partitions = longer.partitions
        for (index, place) in shorter.partitions.enumerated() {
            partitions[index] = choose(partitions[index], place)
        }
        return LogPosition(partitions: partitions)
    }
}

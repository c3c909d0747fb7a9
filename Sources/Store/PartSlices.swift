internal import Base
internal import Expressions
internal import PartFormat

/// The rows of parts of one table in slices that fit into memory, the dictionaries of neighbouring
/// parts united.
struct PartSlices {
    private let options: StoreOptions
    private let rowCount: Int
    private let byteCount: Int
    private var waiting: ArraySlice<Part>
    /// The parts that are read now, as many as fit the budgets of a merge.
    private var parts: [Part] = []
    private var columns: MergeColumns?
    private var part = 0
    private var granule = 0

    /// Slices end with the granule that takes them to `rowCount` rows or `byteCount` bytes.
    init(_ parts: [Part], rowCount: Int, byteCount: Int, options: StoreOptions) {
        self.rowCount = rowCount
        self.byteCount = byteCount
        self.options = options
        waiting = parts[...]
    }

    /// The next slice: rows in the order of the parts; nil after the last.
    mutating func next() throws(StoreError) -> MemoryPart? {
        if part == parts.count { try takeParts() }
        guard let columns else { return nil }
        var decoder = BlockDecoder()
        var buffers = columns.schema.columns.enumerated().map { index, column in
            RowBuffer(type: column.type, isCoded: columns.isCoded(index))
        }
        var taken = 0
        while part < parts.count, hasRoom(buffers, taken) {
            taken += try append(granule, columns, &buffers, &decoder)
            granule += 1
            if granule >= parts[part].granuleCount {
                parts[part].evict()
                part += 1
                granule = 0
            }
        }
        return MemoryPart(
            schema: columns.schema, rowCount: taken,
            columns: buffers.enumerated().map { index, buffer in
                .vector(buffer.vector(dictionary: columns.dictionaries[index] ?? StringTable()))
            })
    }

    private func hasRoom(_ buffers: [RowBuffer], _ taken: Int) -> Bool {
        taken < rowCount && buffers.reduce(0) { $0 + $1.byteCount } < byteCount
    }

    private mutating func takeParts() throws(StoreError) {
        (part, granule, parts, columns) = (0, 0, [], nil)
        while let first = waiting.first, first.granuleCount == 0 { waiting = waiting.dropFirst() }
        guard !waiting.isEmpty else { return }
        let most = waiting.prefix(options.mergeFanInMost)
        let united = try MergeColumns(Array(most), options: options)
        columns = united
        parts = Array(most.prefix(united.inputCount))
        waiting = waiting.dropFirst(parts.count)
    }

    /// Appends the rows of a granule of the current part; how many they are.
    private func append(
        _ granule: Int, _ columns: MergeColumns, _ buffers: inout [RowBuffer],
        _ decoder: inout BlockDecoder
    ) throws(StoreError) -> Int {
        let source = parts[part]
        let known = columns.sources[part].compactMap { $0 }
        let vectors = try source.read(
            columns: known, granules: [granule], decoder: &decoder,
            codesOnly: columns.codedSources(part))[0]
        let rowCount = source.rowCount(granule: granule)
        var next = 0
        for column in buffers.indices {
            if columns.sources[part][column] == nil {
                let type = columns.schema.columns[column].type
                buffers[column].append(.nulls(type: type, count: rowCount), remap: nil)
            } else {
                buffers[column].append(vectors[next], remap: columns.remaps[part][column])
                next += 1
            }
        }
        return rowCount
    }
}

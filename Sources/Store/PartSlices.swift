internal import Base
internal import Expressions
internal import PartFormat

/// A part's rows in slices that fit into memory.
struct PartSlices {
    private let part: Part
    private let byteCount: Int
    private var granule = 0

    /// Slices end with the granule that takes them past `byteCount`.
    init(_ part: Part, byteCount: Int) {
        self.part = part
        self.byteCount = byteCount
    }

    /// The next slice, in the order of the rows; nil after the last.
    mutating func next() throws(StoreError) -> MemoryPart? {
        if granule >= part.granuleCount { return nil }
        let columns = Array(part.schema.columns.indices)
        var decoder = BlockDecoder()
        var buffers = emptyBuffers()
        while granule < part.granuleCount, buffers.reduce(0, { $0 + $1.byteCount }) < byteCount {
            let vectors = try part.read(columns: columns, granules: [granule], decoder: &decoder)[0]
            for column in columns { buffers[column].append(vectors[column], remap: nil) }
            granule += 1
        }
        return try slice(buffers)
    }

    private func emptyBuffers() -> [RowBuffer] {
        part.schema.columns.enumerated().map { index, column in
            RowBuffer(type: column.type, isCoded: part.hasDictionary(column: index))
        }
    }

    private func slice(_ buffers: [RowBuffer]) throws(StoreError) -> MemoryPart {
        var columns: [MemoryPart.Column] = []
        for (index, buffer) in buffers.enumerated() {
            let dictionary = try part.dictionary(column: index) ?? StringTable()
            columns.append(.vector(buffer.vector(dictionary: dictionary)))
        }
        return MemoryPart(
            schema: part.schema, rowCount: buffers.first?.count ?? 0, columns: columns)
    }
}

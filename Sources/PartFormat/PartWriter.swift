package import Base
package import Expressions

/// What a part says of the log and the flushes that its rows came from.
package struct PartProvenance: Sendable, Equatable {
    /// The position of the first block whose events may be in the part.
    package var positionFrom: LogPosition
    /// The position that follows the last such block.
    package var positionTo: LogPosition
    /// The flushes whose rows are in it.
    package var flushRange: ClosedRange<UInt64>

    package init(
        positionFrom: LogPosition, positionTo: LogPosition, flushRange: ClosedRange<UInt64>
    ) {
        self.positionFrom = positionFrom
        self.positionTo = positionTo
        self.flushRange = flushRange
    }
}

/// The sizes that a writer works with; tests make them tiny.
package struct PartWriterOptions: Sendable {
    /// Rows of a granule, at most.
    package var granuleRows = 8_192
    /// Bytes of blocks that are gathered and then written column by column.
    package var stripeBytes = 8 << 20
    /// Bytes of strings in a granule of one column, at most: longer granules are split.
    package var granuleBytes = 32 << 20
    /// The level of Zstd; nil to leave it out.
    package var compressionLevel: Int? = 1

    package init() {}
}

/// Makes the bytes of a packed part, granule by granule, in the order of the file.
///
/// The caller sorts the rows, and takes the bytes whenever it likes; the file is their sequence.
/// A column that is to hold codes gets its dictionary at the start, sorted by bytes, distinct; its
/// vectors are then `.codes` into that dictionary. Vectors of any other string column may be
/// `.strings` or `.codes` with a dictionary of their own.
package struct PartWriter: ~Copyable {
    package let schema: TableSchema
    /// Rows appended so far.
    package private(set) var rowCount = 0
    /// Bytes made so far, taken or not, without blocks of the open stripe.
    package private(set) var byteCount = 0

    /// Begins a part; `dictionaries` are by column index, each within `PartLimits`.
    package init(
        schema: TableSchema, dictionaries: [Int: StringTable] = [:],
        options: PartWriterOptions = PartWriterOptions()
    ) {
        self.schema = schema
    }

    /// Appends one granule of at most `granuleRows` rows: one vector for each column, in order.
    package mutating func append(_ granule: [Vector]) {
        invariant(granule.count == schema.columns.count)
    }

    /// Writes what is left, the footer and the postscript; only `takeBytes` may follow.
    package mutating func finish(_ provenance: PartProvenance) {}

    /// Takes the bytes made since the last call; they are the next ones of the file.
    package mutating func takeBytes() -> [UInt8] { [] }
}

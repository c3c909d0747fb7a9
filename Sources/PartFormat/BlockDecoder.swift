package import Base
package import Expressions

/// Decodes blocks of parts; keeps the contexts and buffers that it needs from block to block.
///
/// One per thread. Every decoder checks all that it reads, and throws at the first byte that
/// is not what the format says.
package struct BlockDecoder: ~Copyable {
    package init() {}

    /// Decodes the bytes of `footer.dictionaryRange(column:)`.
    package mutating func decodeDictionary(
        _ footer: PartFooter, column: Int, bytes: Span<UInt8>
    ) throws(CorruptionError) -> StringTable {
        throw CorruptionError(offset: 0, expected: "", found: "")
    }

    /// Decodes the bytes of `footer.blockRange(column:granule:)`.
    ///
    /// `dictionary` is the column's decoded dictionary; nil for columns without one.
    package mutating func decodeBlock(
        _ footer: PartFooter, column: Int, granule: Int, bytes: Span<UInt8>,
        dictionary: StringTable?
    ) throws(CorruptionError) -> Vector {
        throw CorruptionError(offset: 0, expected: "", found: "")
    }
}

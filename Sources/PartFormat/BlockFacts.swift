package import Base

/// What the header of a block says, for tools that show how columns are kept.
package struct BlockFacts: Sendable, Equatable {
    /// The encoding of the values, by its name in format-spec.md.
    package let encoding: String
    /// Whether the body is compressed.
    package let isCompressed: Bool
    /// How many rows the block has.
    package let rowCount: Int
    /// The bytes of the body before compression.
    package let bodyBytes: Int

    /// Reads the header of a block that is `block` and nothing else, and verifies its checksum.
    package init(of block: Span<UInt8>) throws(CorruptionError) {
        let header = try BlockHeader(of: block)
        encoding = "\(header.encoding)"
        isCompressed = header.compression == .zstd
        rowCount = header.rowCount
        bodyBytes = header.bodyBytes
    }
}

/// What decoders refuse to exceed, whatever the bytes say.
///
/// Each bound lies well above what the engine writes, and low enough that damaged bytes cannot
/// take the memory of the machine. They are part of `format-spec.md`.
package enum CodecLimits {
    /// Values of one block.
    ///
    /// Granules have 8,192 rows; dictionaries have the most entries.
    package static let valuesMax = 1 << 20
    /// Bytes of one block's body before Zstd.
    ///
    /// Writers begin a new granule at half of it.
    package static let bodyBytesMax = 64 << 20
    /// The width of a packed value: it then lies within one 64-bit load, whatever its first bit.
    package static let packedWidthMax = 56
    /// Bytes of a string of which nothing but digits is kept.
    package static let templateBytesMax = 256
}

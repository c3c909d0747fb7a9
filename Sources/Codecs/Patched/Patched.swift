/// Distances from a base in few bits, and the few values that need more beside them (frame of
/// reference with patches).
///
/// ```
/// base: zigzag varint │ width w: 1 byte, 0 to 56 │ number of patches p: varint, 1 to n
/// │ ⌈n·w / 8⌉ bytes of distances, packed as in `BitPacked`
/// │ encoding: 1 byte │ stream of p codes: the rows of the patches, ascending
/// │ encoding: 1 byte │ stream of p values
/// ```
/// The distance of a row with a patch is 0. The two inner streams are of a simple encoding.
enum Patched {
    /// How a block is to be written.
    struct Plan {
        var base: Int64
        var width: Int
        var patchCount: Int
        /// At most so many bytes.
        var byteCount: Int
    }
}

/// The first value, then the differences of neighbours as distances from the least difference.
///
/// ```
/// first value: zigzag varint │ least difference: zigzag varint │ width w: 1 byte, 0 to 56
/// │ ⌈(n-1)·w / 8⌉ bytes of distances, packed as in `BitPacked`
/// ```
/// Value `i` is value `i - 1` plus the least difference plus distance `i - 1`, modulo 2^64. Evenly
/// spaced values need no bits at all. Not for streams without values.
enum Delta {}

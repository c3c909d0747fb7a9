/// Distances from the least value, in as few bits as the greatest needs (frame of reference).
///
/// ```
/// least value: zigzag varint │ width w: 1 byte, 0 to 56 │ ⌈n·w / 8⌉ bytes of distances
/// ```
/// Distance `i` is the `w` bits from bit `i·w` on, where bit `k` of the stream is bit `k mod 8` of
/// byte `k / 8`. Wider values are kept plain: up to 56 bits, every value lies within one 64-bit
/// load at a byte's border, so that unpacking is a load, a shift and a mask.
enum BitPacked {}

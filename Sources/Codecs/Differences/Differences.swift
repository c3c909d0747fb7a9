/// The first value, then the differences of neighbours as a stream of their own.
///
/// ```
/// first value: zigzag varint │ encoding: 1 byte │ stream of n-1 integers: the differences
/// ```
/// Value `i` is value `i - 1` plus difference `i - 1`, modulo 2^64. The inner stream is of any
/// encoding but this one: `delta` makes it delta of delta, `patched` lets a few steps be long, as
/// between one key's times and the next one's. Not for streams without values.
enum Differences {}

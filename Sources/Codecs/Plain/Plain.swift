/// Values side by side in their full width, little-endian.
///
/// ```
/// codes     4 bytes each
/// integers  8 bytes each, two's complement
/// floats    8 bytes each, IEEE 754 binary64, bit for bit
/// booleans  1 bit each, lowest bit of the first byte first; bits beyond the last are 0
/// strings   encoding of the lengths (1) │ the lengths as a stream of codes │ all bytes
/// ```
enum Plain {}

/// One value, which every row has.
///
/// ```
/// codes, integers  zigzag varint
/// floats           8 bytes, bit for bit
/// booleans         1 byte, 0 or 1
/// strings          length as a varint │ bytes
/// ```
enum Constant {}

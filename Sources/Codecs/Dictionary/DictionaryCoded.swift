/// The strings of a block that differ, in the order of their bytes, and for each row which of them
/// it has: for columns without a dictionary of the whole part.
///
/// ```
/// entries d: varint, 1 to n
/// │ encoding: 1 byte │ stream of d strings, ascending
/// │ encoding: 1 byte │ stream of n codes: the entry of each row, from 0
/// ```
/// The entries are in any encoding but this.
enum DictionaryCoded {}

/// Values that follow from those of another column.
///
/// Codes, but for a few: a session has one user. Integers that lie near: an event is received soon
/// after its time.
///
/// ```
/// codes:
/// exceptions e: varint, 0 to n
/// │ encoding: 1 byte │ stream of e codes: their rows, ascending
/// │ encoding: 1 byte │ stream of e codes: what stands there
/// integers:
/// encoding: 1 byte │ stream of n integers: the differences, modulo 2^64
/// ```
/// All other rows have the code that the map of the column names for the row's code in the other
/// column; the caller looks that up.
enum Correlated {}

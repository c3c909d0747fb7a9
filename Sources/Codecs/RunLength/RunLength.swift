/// Runs of equal neighbours: the value of each, then the length of each.
///
/// ```
/// number of runs r: varint, 1 to n
/// │ encoding of the values: 1 byte │ stream of r values
/// │ encoding of the lengths: 1 byte │ stream of r codes, each at least 1, in sum n
/// ```
/// The two inner streams are of any other encoding; runs are not nested. Not for streams without
/// values.
enum RunLength {}

/// Strings of which each begins like the one before: sorted ones, such as those of dictionaries.
///
/// ```
/// encoding: 1 byte │ stream of n codes: how many bytes each shares with the string before it
/// │ the rest of each, as plain strings
/// ```
enum FrontCoded {}

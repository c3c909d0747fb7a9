/// How the values of a block are turned into bytes.
///
/// The one list of encodings: the ids are those of `format-spec.md`, which says what each means,
/// and an id is never used again for something else. A writer takes, block by block, the encoding
/// whose exact size (or upper bound) is the least; none is ever larger than `plain`.
package enum Encoding: UInt8, CaseIterable, Sendable {
    /// Values side by side in their full width; strings as lengths, then bytes.
    case plain = 1
    /// One value, which all have.
    case constant = 2
    /// The least value, then the distances from it in as few bits as they need.
    case bitPacked = 3
    /// The first value, then the differences of neighbours, bit-packed.
    case delta = 4
    /// Values of runs, then lengths of runs, each encoded in turn.
    case runLength = 5
    /// Distances from a base in few bits, and the values that need more beside them.
    case patched = 6
    /// The first value, then the differences of neighbours, encoded in turn.
    case differences = 7
    /// Floats as decimal numbers, and those that are none beside them.
    case decimal = 8
    /// The strings of a block that differ, and for each row which it has.
    case dictionary = 9
    /// What strings have in common once, then the numbers that their digits are.
    case digits = 10
    /// What each string does not share with the beginning of the one before.
    case frontCoded = 11
    /// The rows that do not follow from another column of the part.
    case correlated = 13
}

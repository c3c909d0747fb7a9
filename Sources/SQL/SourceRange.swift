/// Which bytes of the query text a token or a node was read from.
///
/// All ranges are equal to each other, so that syntax trees compare by what they say and not by
/// where it stands; compare `start` and `end` where the place matters.
package struct SourceRange: Sendable, Equatable {
    /// The first byte.
    package let start: Int
    /// The byte after the last one.
    package let end: Int

    package init(start: Int, end: Int) {
        self.start = start
        self.end = end
    }

    /// The range of what was not read from a text.
    package static let none = SourceRange(start: 0, end: 0)

    /// The smallest range that holds both.
    package func joined(_ other: SourceRange) -> SourceRange {
        SourceRange(start: min(start, other.start), end: max(end, other.end))
    }

    /// True always: see the type.
    package static func == (left: SourceRange, right: SourceRange) -> Bool { true }
}

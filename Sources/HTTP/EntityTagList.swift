/// The value of `If-None-Match`: `*`, or a list of entity tags.
package struct EntityTagList: Sendable {
    private let matchesAny: Bool
    /// The tags without `W/`, in quotes.
    private let opaqueTags: [Substring]

    /// Reads the value of the header; what is no list of tags matches nothing.
    package init(_ header: String) {
        var rest = header[...]
        Self.skipBlanks(&rest)
        matchesAny = rest.first == "*" && rest.dropFirst().allSatisfy(Self.isBlank)
        var tags: [Substring] = []
        while let tag = Self.tag(&rest) { tags.append(tag) }
        opaqueTags = rest.isEmpty ? tags : []
    }

    /// Whether one of the tags is `entityTag`, compared weakly.
    package func matches(_ entityTag: String) -> Bool {
        matchesAny || opaqueTags.contains(Self.opaque(entityTag[...]))
    }

    private static func opaque(_ tag: Substring) -> Substring {
        tag.hasPrefix("W/") ? tag.dropFirst(2) : tag
    }

    /// The next tag, and the commas and blanks behind it.
    private static func tag(_ rest: inout Substring) -> Substring? {
        // Empty elements of a list are allowed.
        while rest.first == "," || rest.first.map(isBlank) ?? false { rest.removeFirst() }
        let start = opaque(rest)
        guard start.first == "\"", let end = start.dropFirst().firstIndex(of: "\"") else {
            return nil
        }
        let tag = start[...end]
        rest = rest[start.index(after: end)...]
        skipBlanks(&rest)
        guard rest.isEmpty || rest.first == "," else { return nil }
        return tag
    }

    private static func skipBlanks(_ text: inout Substring) {
        while text.first.map(isBlank) ?? false { text.removeFirst() }
    }

    private static func isBlank(_ character: Character) -> Bool {
        character == " " || character == "\t"
    }
}

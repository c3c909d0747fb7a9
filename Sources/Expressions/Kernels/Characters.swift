/// Characters of UTF-8 texts: Unicode scalars, as SQL counts them.
///
/// A byte that continues a character is `10xxxxxx`; all others begin one.
enum Characters {
    @inline(__always)
    static func isStart(_ byte: UInt8) -> Bool { byte & 0xC0 != 0x80 }

    /// How many characters there are.
    static func count(_ text: TextSlice) -> Int {
        var count = 0
        for byte in text { count &+= isStart(byte) ? 1 : 0 }
        return count
    }

    /// The text from one character up to, not including, another; both count from 0.
    static func slice(_ text: TextSlice, from start: Int, to end: Int) -> TextSlice {
        if start >= end { return [] }
        var character = -1
        var first = text.endIndex
        for index in text.indices where isStart(text[index]) {
            character += 1
            if character == start { first = index }
            if character == end { return text[first..<index] }
        }
        return text[first...]
    }

    /// The characters, one by one.
    static func split(_ text: TextSlice) -> [TextSlice] {
        var characters: [TextSlice] = []
        var first = text.startIndex
        for index in text.indices where index > first && isStart(text[index]) {
            characters.append(text[first..<index])
            first = index
        }
        if first < text.endIndex { characters.append(text[first...]) }
        return characters
    }
}

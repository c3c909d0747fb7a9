/// The text of a query, for reading it and for showing where in it something is wrong.
package struct QueryText: Sendable {
    /// The text in UTF-8, as it came; may be invalid, which the lexer refuses.
    package let bytes: [UInt8]

    /// A text of bytes.
    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// A text.
    package init(_ text: String) { bytes = Array(text.utf8) }

    /// The text of a range.
    package func text(of range: SourceRange) -> String { string(range.start..<range.end) }

    /// The bytes as text; what is no UTF-8 becomes U+FFFD.
    func string(_ range: Range<Int>) -> String {
        String(decoding: bytes[range.clamped(to: 0..<bytes.count)], as: UTF8.self)
    }

    /// The bytes of the line that a byte lies in, without its end.
    func lineRange(around offset: Int) -> Range<Int> {
        var start = min(offset, bytes.count)
        while start > 0, bytes[start - 1] != UInt8(ascii: "\n") { start -= 1 }
        var end = min(offset, bytes.count)
        while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
        if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        return start..<end
    }

    /// The number of a byte's line, from 1.
    func lineNumber(of offset: Int) -> Int {
        bytes.prefix(offset).reduce(1) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 }
    }
}

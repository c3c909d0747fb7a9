/// The line that an error is about, cut to what a terminal can show, and carets below the place.
struct Excerpt {
    /// How many characters are shown before the place, of it, and after it.
    private static let reach = 60

    private var text = ""
    private var carets = ""
    private var isCut = false

    init(of range: SourceRange, in query: QueryText) {
        let line = query.lineRange(around: range.start)
        let start = min(max(range.start, line.lowerBound), line.upperBound)
        let end = min(max(range.end, start), line.upperBound)
        let marked = query.string(start..<end)
        appendHead(query.string(line.lowerBound..<start))
        appendTail(marked)
        if !isCut { appendTail(query.string(end..<line.upperBound)) }
        let width = max(1, marked.prefix(Self.reach).count)
        carets += String(repeating: "^", count: width)
    }

    /// Two lines of text.
    var lines: String { text + "\n" + carets }

    private mutating func appendHead(_ head: String) {
        var shown = head[...]
        if let cut = head.index(head.endIndex, offsetBy: -Self.reach, limitedBy: head.startIndex),
            cut > head.startIndex
        {
            shown = head[cut...]
            text += "…"
            carets += " "
        }
        text += shown
        // A tab stays a tab, so that the carets stand below what they mean.
        carets += shown.map { $0 == "\t" ? "\t" : " " }.joined()
    }

    private mutating func appendTail(_ tail: String) {
        let shown = tail.prefix(Self.reach)
        text += shown
        if shown.endIndex < tail.endIndex {
            text += "…"
            isCut = true
        }
    }
}

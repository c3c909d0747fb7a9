// A light reader of Swift: enough to know code from comments and strings, and where a function
// begins and ends. It is no parser, and needs none: `swift format` has been over every file.

/// The same bytes with comments and the contents of string literals turned into spaces.
///
/// Interpolations count as contents. Lines keep their numbers.
func blanked(_ text: [UInt8]) -> [UInt8] {
    var out = text
    var index = 0
    while index < text.count {
        let start = index
        if starts(text, index, "//") {
            while index < text.count, text[index] != newline { index += 1 }
            blank(&out, start, index)
        } else if starts(text, index, "/*") {
            index = (find("*/", in: text, from: index + 2) ?? text.count - 2) + 2
            blank(&out, start, index)
        } else if text[index] == quote || starts(text, index, "#\"") {
            index = endOfString(text, index)
            blank(&out, start + 1, index - 1)
        } else {
            index += 1
        }
    }
    return out
}

/// A function, initialiser, deinitialiser or subscript with a body: its lines, ends included.
struct FunctionSpan: Equatable {
    let name: String
    let first: Int
    let last: Int
    var lineCount: Int { last - first + 1 }
}

/// The functions of a file whose comments and strings are blanked.
func functionSpans(_ code: [String]) -> [FunctionSpan] {
    var spans: [FunctionSpan] = []
    let declaration = #/^\s*(?:[@\w()]+\s+)*(?:func\s+(\S[^(<\s]*)|(init|deinit|subscript)\b)/#
    for (index, line) in code.enumerated() {
        guard let match = line.firstMatch(of: declaration) else { continue }
        let name = String(match.1 ?? match.2 ?? "")
        if let last = lastLineOfBody(code, from: index) {
            spans.append(FunctionSpan(name: name, first: index, last: last))
        }
    }
    return spans
}

/// The line of the brace that closes the body of the declaration at `first`; nil without a body.
private func lastLineOfBody(_ code: [String], from first: Int) -> Int? {
    var parentheses = 0
    var braces = 0
    for index in first..<code.count {
        for byte in code[index].utf8 {
            switch byte {
            case UInt8(ascii: "("), UInt8(ascii: "["): parentheses += 1
            case UInt8(ascii: ")"), UInt8(ascii: "]"): parentheses -= 1
            case UInt8(ascii: "{") where braces > 0 || parentheses == 0: braces += 1
            case UInt8(ascii: "}") where braces > 0:
                braces -= 1
                if braces == 0 { return index }
            case UInt8(ascii: "}") where parentheses == 0: return nil
            default: break
            }
        }
        // A requirement of a protocol ends where its line does, unless the line goes on.
        let next = index + 1 < code.count ? code[index + 1].drop(while: \.isWhitespace) : ""
        let goesOn = ["{", "->", "where", "throws", "async", ")"].contains { next.hasPrefix($0) }
        if braces == 0, parentheses == 0, !goesOn { return nil }
    }
    return nil
}

private let newline = UInt8(ascii: "\n")
private let quote = UInt8(ascii: "\"")

private func starts(_ text: [UInt8], _ index: Int, _ prefix: String) -> Bool {
    guard let first = prefix.utf8.first, index < text.count, text[index] == first else {
        return false
    }
    return text[index...].starts(with: prefix.utf8)
}

private func find(_ what: String, in text: [UInt8], from start: Int) -> Int? {
    guard start < text.count else { return nil }
    return (start..<text.count).first { starts(text, $0, what) }
}

private func blank(_ out: inout [UInt8], _ start: Int, _ end: Int) {
    guard start < end else { return }
    for index in start..<min(end, out.count) where out[index] != newline { out[index] = 0x20 }
}

/// The index behind the string literal that begins at `start`, whatever its form.
private func endOfString(_ text: [UInt8], _ start: Int) -> Int {
    if starts(text, start, "#\"\"\"") { return after("\"\"\"#", text, start + 4) }
    if starts(text, start, "#\"") { return after("\"#", text, start + 2) }
    let isLong = starts(text, start, "\"\"\"")
    var index = start + (isLong ? 3 : 1)
    while index < text.count {
        if starts(text, index, "\\(") {
            index = endOfInterpolation(text, index + 2)
        } else if text[index] == UInt8(ascii: "\\") {
            index += 2
        } else if isLong, starts(text, index, "\"\"\"") {
            return index + 3
        } else if !isLong, text[index] == quote || text[index] == newline {
            return index + 1
        } else {
            index += 1
        }
    }
    return text.count
}

private func endOfInterpolation(_ text: [UInt8], _ start: Int) -> Int {
    var depth = 1
    var index = start
    while index < text.count, depth > 0 {
        if text[index] == quote {
            index = endOfString(text, index)
            continue
        }
        if text[index] == UInt8(ascii: "(") { depth += 1 }
        if text[index] == UInt8(ascii: ")") { depth -= 1 }
        index += 1
    }
    return index
}

private func after(_ what: String, _ text: [UInt8], _ start: Int) -> Int {
    find(what, in: text, from: start).map { $0 + what.utf8.count } ?? text.count
}

internal import Base

/// The words behind a command: paths, options and flags.
struct Arguments {
    private(set) var paths: [String] = []
    private var values: [String: String] = [:]
    private var flags: Set<String> = []

    /// Takes `--option value`, `--option=value` and `--flag`, in any order with the paths.
    init(
        _ words: [String], options: Set<String>, flags known: Set<String>, pathCount: Int
    ) throws(ToolError) {
        var rest = words[...]
        while let word = rest.popFirst() {
            guard word.hasPrefix("--") else {
                paths.append(word)
                continue
            }
            let halves = word.dropFirst(2).split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false
            ).map(String.init)
            let name = halves[0]
            if known.contains(name), halves.count == 1 {
                flags.insert(name)
            } else if options.contains(name) {
                guard let value = halves.count == 2 ? halves[1] : rest.popFirst() else {
                    throw .usage("--\(name) needs a value")
                }
                values[name] = value
            } else {
                throw .usage("there is no option '\(word)'")
            }
        }
        guard paths.count == pathCount else {
            throw .usage(
                pathCount == 1
                    ? "expected one path, found \(paths.count)"
                    : "expected \(pathCount) paths, found \(paths.count)")
        }
        // A slash at the end names the same thing.
        paths = paths.map { path in
            var path = path
            while path.count > 1, path.hasSuffix("/") { path.removeLast() }
            return path
        }
    }

    func has(_ flag: String) -> Bool { flags.contains(flag) }

    func value(_ option: String) -> String? { values[option] }

    /// A number of 0 or more.
    func count(_ option: String) throws(ToolError) -> Int? {
        guard let text = values[option] else { return nil }
        guard let number = Int(text), number >= 0 else {
            throw .usage("--\(option) needs a number, not '\(text)'")
        }
        return number
    }

    /// One of several words; the first where the option is missing.
    func choice(_ option: String, _ words: [String]) throws(ToolError) -> String {
        guard let text = values[option] else { return words[0] }
        guard words.contains(text) else {
            throw .usage("--\(option) is one of \(words.joined(separator: ", ")), not '\(text)'")
        }
        return text
    }

    /// Names that commas separate.
    func names(_ option: String) -> [String]? {
        values[option].map { $0.split(separator: ",").map(String.init) }
    }

    /// A range of times, `START..END`, of which either may be missing; the end is exclusive.
    func timeRange(_ option: String) throws(ToolError) -> TimeRange {
        guard let text = values[option] else { return TimeRange() }
        guard let halves = Arguments.split(text) else {
            throw .usage("--\(option) needs START..END, not '\(text)'")
        }
        return TimeRange(
            start: try Arguments.time(halves.0, option), end: try Arguments.time(halves.1, option))
    }

    /// The texts before and behind the first two dots that follow one another.
    private static func split(_ text: String) -> (String, String)? {
        let bytes = Array(text.utf8)
        let dot = UInt8(ascii: ".")
        guard
            let place = bytes.indices.dropLast().first(where: {
                bytes[$0] == dot && bytes[$0 + 1] == dot
            })
        else { return nil }
        return (
            String(decoding: bytes[..<place], as: UTF8.self),
            String(decoding: bytes[(place + 2)...], as: UTF8.self)
        )
    }

    private static func time(
        _ text: String, _ option: String
    ) throws(ToolError) -> Milliseconds? {
        if text.isEmpty { return nil }
        if let number = Milliseconds(text) { return number }
        switch CivilTime.parse(text) {
        case .instant(let time), .local(let time): return time
        case nil:
            throw .usage("--\(option): '\(text)' is neither RFC 3339 nor milliseconds since 1970")
        }
    }
}

/// A range of times, whose start is inclusive and whose end is not.
struct TimeRange {
    var start: Milliseconds?
    var end: Milliseconds?

    func contains(_ time: Milliseconds) -> Bool {
        if let start, time < start { return false }
        if let end, time >= end { return false }
        return true
    }

    /// Whether any time of the other can lie in it.
    func overlaps(_ other: ClosedRange<Milliseconds>) -> Bool {
        if let start, other.upperBound < start { return false }
        if let end, other.lowerBound >= end { return false }
        return true
    }

    /// Whether every time lies in it.
    var isAll: Bool { start == nil && end == nil }
}

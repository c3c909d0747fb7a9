private import Base

extension Parser {
    /// What may follow a complete part of a query, for guessing at misspelt words.
    private static let continuations: [Keyword] = [
        .and, .as, .asc, .between, .by, .desc, .distinct, .else, .end, .filter, .format, .from,
        .group, .having, .ilike, .like, .limit, .not, .nulls, .offset, .or, .order, .over,
        .partition, .prewhere, .qualify, .regexp, .select, .settings, .then, .union, .when, .where,
        .window,
    ]

    /// The error of a token that is not what had to come; `likely` are the keywords that it may
    /// have been meant to be.
    func unexpected(_ expected: String, likely: [Keyword]? = nil) -> SQLError {
        let likely = likely ?? Self.continuations
        // `FROM events GORUP BY x` reads as far as BY, with GORUP as an alias.
        if let alias = bareAlias, alias == position - 1 {
            let closest = closestKeywords(to: tokens[alias], in: Self.continuations)
            if !closest.isEmpty {
                return SQLError(
                    .syntax, "unexpected \(found(tokens[alias]))", at: tokens[alias].range,
                    in: text, closest: closest)
            }
        }
        return SQLError(
            .syntax, "expected \(expected), found \(found(current))", at: current.range, in: text,
            closest: closestKeywords(to: current, in: likely))
    }

    func error(
        _ message: String, at range: SourceRange, code: SQLError.Code = .syntax
    ) -> SQLError {
        SQLError(code, message, at: range, in: text)
    }

    /// The error of SQL that Weir does not have, from a token to the one that is read next.
    func unsupported(_ message: String, from start: Int? = nil) -> SQLError {
        let first = tokens[start ?? position].range
        return SQLError(.unsupported, message, at: first.joined(current.range), in: text)
    }

    /// The keywords that differ from a word by a slip of the fingers.
    func closestKeywords(to token: Token, in likely: [Keyword]) -> [String] {
        guard token.kind == .word, token.end - token.start >= 3 else { return [] }
        let word = Array(text.text(of: token.range).prefix(20).uppercased().utf8)
        var best: [String] = []
        var slipsMin = Int.max
        for keyword in likely.map(\.text) {
            let slips = editDistance(word, Array(keyword.utf8))
            if slips == 0 || slips > slipsMin || slips > (keyword.utf8.count > 4 ? 2 : 1) {
                continue
            }
            if slips < slipsMin { best = [] }
            slipsMin = slips
            best.append(keyword)
        }
        return best
    }

    /// A token as messages name it.
    func found(_ token: Token) -> String {
        if token.kind == .endOfText { return "the end of the query" }
        if let keyword = token.keyword, keyword.needsAs { return keyword.text }
        let spelling = text.text(of: token.range)
        let cut = spelling.count > 40 ? spelling.prefix(40) + "…" : spelling[...]
        return token.kind == .string || token.kind == .quotedName ? String(cut) : "\"\(cut)\""
    }
}

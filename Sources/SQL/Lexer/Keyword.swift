/// Words that mean something in the grammar, in any mixture of cases.
///
/// Most of them are names all the same wherever the grammar leaves no doubt.
enum Keyword: String, CaseIterable {
    // Statements and clauses.
    case all, analyze, asc, by, cube, desc, distinct, except, exclude, explain, fetch, final
    case first, format, from, group, grouping, having, intersect, last, limit, next, nulls
    case offset, on, only, order, prewhere, qualify, recursive, replace, rollup, row, rows, sample
    case select, sets, settings, tablesample, ties, top, totals, union, values, window, with
    case `as`
    case `where`

    // Joins.
    case anti, any, array, asof, cross, full, global, inner, join, lateral, left, natural, outer
    case paste, positional, right, semi

    // Expressions.
    case and, at, between, both, cast, collate, date, div, end, escape, exists, extract, ilike
    case interval, leading, like, mod, not, null, or, position, regexp, rlike, similar, substr
    case substring, then, time, timestamp, trailing, trim, unknown, when, xor, zone
    case currentDate = "current_date"
    case currentTimestamp = "current_timestamp"
    case tryCast = "try_cast"
    case `case`
    case `else`
    case `false`
    case `for`
    case `in`
    case `is`
    case `true`

    // Calls and windows.
    case current, filter, following, groups, ignore, over, partition, preceding, range, respect
    case unbounded, within

    // Types.
    case character, double, precision, varying, without
}

extension Keyword {
    private static let longest = 17
    private static let byName = Dictionary(
        uniqueKeysWithValues: allCases.map { ($0.rawValue, $0) })

    /// The keyword that a word spells.
    init?(word: some Collection<UInt8>) {
        // Letters beyond ASCII may have a lower case in ASCII, but spell no keyword.
        guard word.count <= Self.longest, word.allSatisfy({ $0 < 0x80 }),
            let keyword = Self.byName[String(decoding: word, as: UTF8.self).lowercased()]
        else { return nil }
        self = keyword
    }

    /// The keyword as messages and canonical text write it.
    var text: String { rawValue.uppercased() }

    /// Whether the word can be neither a column, a table nor an alias unless it is quoted.
    var isReserved: Bool {
        switch self {
        case .all, .and, .as, .between, .by, .case, .distinct, .else, .end, .except, .exists,
            .false, .from, .group, .having, .ilike, .in, .intersect, .is, .like, .limit, .not,
            .null, .or, .order, .select, .then, .true, .union, .when, .where, .with:
            true
        default: false
        }
    }

    /// Whether the word can be an alias only behind `AS`, because without it, it begins what may
    /// follow an item or a table.
    var needsAs: Bool {
        switch self {
        case .at, .collate, .div, .escape, .fetch, .filter, .final, .format, .ignore, .join, .mod,
            .offset, .over, .prewhere, .qualify, .regexp, .respect, .rlike, .sample, .settings,
            .similar, .tablesample, .window, .within, .xor:
            true
        default: isReserved
        }
    }

    /// Whether canonical text quotes the name of a function that spells the word.
    var isQuotedAsFunction: Bool {
        switch self {
        case .cast, .cube, .on, .rollup, .tryCast: true
        default: isReserved
        }
    }

    /// Whether canonical text quotes a name that spells the word: where it stands unquoted, it may
    /// be read as something else.
    var isQuoted: Bool {
        switch self {
        case .array, .both, .cast, .current, .currentDate, .currentTimestamp, .groups, .interval,
            .leading, .partition, .range, .rows, .trailing, .tryCast, .unbounded:
            true
        default: needsAs
        }
    }
}

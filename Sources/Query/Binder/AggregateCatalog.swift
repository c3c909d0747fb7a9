internal import Base
internal import Expressions

/// The aggregates by all names that they have in queries.
///
/// Names are found without regard to case. The first name is the standard spelling; the others are
/// ClickHouse's and DuckDB's where they differ.
enum AggregateCatalog {
    /// What a name means.
    enum Kind: Sendable, Hashable {
        case count
        case countDistinct
        case uniq
        case uniqMerge
        case sum
        case avg
        case min
        case max
        case any
        case argMin
        case argMax
        case boolOr
        case boolAnd
        case standardDeviation(isSample: Bool)
        case variance(isSample: Bool)
        case quantile(isContinuous: Bool)
        case quantiles(isContinuous: Bool)
        case median
        case topK
        case joined
    }

    static let names: [(kind: Kind, names: [String])] = [
        (.count, ["count"]),
        (.countDistinct, ["countDistinct", "uniqExact"]),
        (.uniq, ["uniq", "approx_count_distinct", "uniqCombined", "uniqCombined64", "uniqHLL12"]),
        (.uniqMerge, ["uniqMerge"]),
        (.sum, ["sum"]),
        (.avg, ["avg", "mean"]),
        (.min, ["min"]),
        (.max, ["max"]),
        (.any, ["any_value", "any", "arbitrary"]),
        (.argMin, ["min_by", "argMin", "arg_min"]),
        (.argMax, ["max_by", "argMax", "arg_max"]),
        (.boolOr, ["bool_or"]),
        (.boolAnd, ["bool_and", "every"]),
        (.standardDeviation(isSample: true), ["stddev", "stddev_samp", "stddevSamp"]),
        (.standardDeviation(isSample: false), ["stddev_pop", "stddevPop"]),
        (.variance(isSample: true), ["variance", "var_samp", "varSamp"]),
        (.variance(isSample: false), ["var_pop", "varPop"]),
        (
            .quantile(isContinuous: true),
            [
                "quantile", "quantile_cont", "quantileExactInclusive", "approx_quantile",
                "quantileTDigest",
            ]
        ),
        (.quantile(isContinuous: false), ["quantile_disc", "quantileExact"]),
        (
            .quantiles(isContinuous: true),
            ["quantiles", "quantilesExactInclusive", "quantilesTDigest"]
        ),
        (.quantiles(isContinuous: false), ["quantiles_disc", "quantilesExact"]),
        (.median, ["median"]),
        (.topK, ["topK", "approx_top_k"]),
        (.joined, ["string_agg", "group_concat", "listagg"]),
    ]

    private static let byName: [String: Kind] = {
        var found: [String: Kind] = [:]
        for (kind, names) in names {
            for name in names { found[name.lowercased()] = kind }
        }
        return found
    }()

    /// What the name means, and whether it ends in `If`: the last argument is then a condition.
    static func find(_ name: String) -> (kind: Kind, isConditional: Bool)? {
        let lowered = name.lowercased()
        if let kind = byName[lowered] { return (kind, false) }
        guard lowered.hasSuffix("if") else { return nil }
        return byName[String(lowered.dropLast(2))].map { ($0, true) }
    }

    /// All names, for suggestions.
    static var allNames: [String] { names.flatMap(\.names) }
}

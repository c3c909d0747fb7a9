/// The window functions that are not aggregates, by all names that they have in queries.
enum WindowCatalog {
    /// What a name means.
    enum Kind: Sendable {
        case rowNumber
        case rank
        case denseRank
        case percentRank
        case cumulativeDistribution
        case ntile
        case lag
        case lead
        case firstValue
        case lastValue
    }

    static let names: [(kind: Kind, names: [String])] = [
        (.rowNumber, ["row_number", "rowNumber"]),
        (.rank, ["rank"]),
        (.denseRank, ["dense_rank", "denseRank"]),
        (.percentRank, ["percent_rank", "percentRank"]),
        (.cumulativeDistribution, ["cume_dist"]),
        (.ntile, ["ntile"]),
        (.lag, ["lag", "lagInFrame"]),
        (.lead, ["lead", "leadInFrame"]),
        (.firstValue, ["first_value"]),
        (.lastValue, ["last_value"]),
    ]

    static func find(_ name: String) -> Kind? {
        let lowered = name.lowercased()
        return names.first { $0.names.contains { $0.lowercased() == lowered } }?.kind
    }

    static func isWindowOnly(_ name: String) -> Bool { find(name) != nil }
}

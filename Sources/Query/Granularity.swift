package import Expressions

/// How wide the time buckets of an answer are.
package enum Granularity: Sendable, Equatable {
    case unit(TimeUnit)
    /// One bucket for the whole range.
    case all

    /// The names, from fine to coarse.
    package static let names = TimeUnit.allCases.map(\.rawValue) + ["all"]

    /// The granularity of that name; nil if there is none.
    package init?(name: String) {
        if name == "all" {
            self = .all
        } else if let unit = TimeUnit(rawValue: name) {
            self = .unit(unit)
        } else {
            return nil
        }
    }

    /// The name that requests and answers use.
    package var name: String {
        switch self {
        case .unit(let unit): unit.rawValue
        case .all: "all"
        }
    }
}

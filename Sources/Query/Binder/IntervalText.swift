internal import Expressions

/// Intervals as queries write them.
enum IntervalText {
    private static let units: [String: (months: Int64, milliseconds: Int64)] = [
        "millisecond": (0, 1), "second": (0, 1000), "minute": (0, 60_000), "hour": (0, 3_600_000),
        "day": (0, 86_400_000), "week": (0, 604_800_000), "month": (1, 0), "quarter": (3, 0),
        "year": (12, 0),
    ]

    /// A number of units, singular or plural; nil where there is no such unit, or too many of it.
    static func interval(_ count: Int64, _ unit: String) -> Value? {
        var name = unit.lowercased()
        if units[name] == nil, name.hasSuffix("s") { name = String(name.dropLast()) }
        guard let unit = units[name] else { return nil }
        let months = unit.months.multipliedReportingOverflow(by: count)
        let milliseconds = unit.milliseconds.multipliedReportingOverflow(by: count)
        if months.overflow || milliseconds.overflow { return nil }
        return .interval(months: months.partialValue, milliseconds: milliseconds.partialValue)
    }

    /// Numbers and units in turn: `1 day 12 hours`.
    static func parse(_ text: String) -> Value? {
        let words = text.split(separator: " ")
        guard !words.isEmpty, words.count % 2 == 0 else { return nil }
        var months: Int64 = 0
        var milliseconds: Int64 = 0
        for index in stride(from: 0, to: words.count, by: 2) {
            guard let count = Int64(words[index]),
                case .interval(let moreMonths, let more)? = interval(
                    count, String(words[index + 1]))
            else { return nil }
            let sums = (
                months.addingReportingOverflow(moreMonths),
                milliseconds.addingReportingOverflow(more)
            )
            if sums.0.overflow || sums.1.overflow { return nil }
            months = sums.0.partialValue
            milliseconds = sums.1.partialValue
        }
        return .interval(months: months, milliseconds: milliseconds)
    }
}

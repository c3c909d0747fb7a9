internal import Base
internal import Expressions

/// Which functions of time have one value for whole buckets of a rollup.
enum BucketKeys {
    /// A span that divides every instant, from 1970 in UTC, at which the value can change; nil
    /// where it changes within minutes, or nothing is known.
    static func divisor(
        _ key: Expression, time: Int, within bounds: Range<Milliseconds>
    ) -> Milliseconds? {
        guard key.columns.contains(time) else { return CivilTime.millisecondsPerDay }
        if let own = ofTime(key, time: time, within: bounds) { return own }
        if case .column = key { return nil }
        var result = CivilTime.millisecondsPerDay
        for child in key.children {
            guard let width = divisor(child, time: time, within: bounds) else { return nil }
            result = common(result, width)
        }
        return result
    }

    /// The greatest common divisor of spans that divide a day.
    static func common(_ left: Milliseconds, _ right: Milliseconds) -> Milliseconds {
        var (larger, smaller) = (left, right)
        while smaller != 0 { (larger, smaller) = (smaller, larger % smaller) }
        return larger
    }

    /// Of a function whose argument is the time itself.
    private static func ofTime(
        _ key: Expression, time: Int, within bounds: Range<Milliseconds>
    ) -> Milliseconds? {
        guard case .call(let call) = key,
            call.arguments.contains(where: {
                if case .column(time, _) = $0 { true } else { false }
            }), call.arguments.filter({ !$0.columns.isEmpty }).count == 1
        else { return nil }
        switch call.name {
        case "date_trunc", "date_part":
            return unitWidth(call.arguments, within: bounds)
        case "time_bucket":
            guard case .constant(.interval(let months, let width), _) = call.arguments[0],
                call.arguments.count == 2
            else { return nil }
            if months > 0 { return width == 0 ? CivilTime.millisecondsPerDay : nil }
            let shared = common(CivilTime.millisecondsPerDay, width)
            return shared % CivilTime.millisecondsPerMinute == 0 ? shared : nil
        case "toDate": return call.arguments.count == 1 ? CivilTime.millisecondsPerDay : nil
        default: return nil
        }
    }

    private static let units: [String: TimeUnit] = [
        "minute": .minute, "hour": .hour, "day": .day, "week": .week, "month": .month,
        "quarter": .month, "year": .month, "dow": .day, "isodow": .day, "doy": .day,
        "dayofweek": .day, "dayofyear": .day,
    ]

    private static func unitWidth(
        _ arguments: [Expression], within bounds: Range<Milliseconds>
    ) -> Milliseconds? {
        guard case .constant(.string(let name), _) = arguments[0], let unit = units[name] else {
            return nil
        }
        guard arguments.count > 2 else {
            switch unit {
            case .minute: return CivilTime.millisecondsPerMinute
            case .hour: return CivilTime.millisecondsPerHour
            default: return CivilTime.millisecondsPerDay
            }
        }
        guard case .constant(.string(let zone), _) = arguments[2],
            let rules = try? TimeZoneDatabase.shared.rules(named: zone)
        else { return nil }
        // A minute of a local clock is one of UTC, unless its offset has seconds.
        let wide = bounds.clamped(to: CivilTime.millisecondsPerDay..<Milliseconds(1) << 42)
        return TimeBuckets(unit: unit, zone: rules).edgeDivisor(within: wide)
    }
}

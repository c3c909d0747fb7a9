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
        let zone = call.arguments.last
        if let unit = unitFunctions[call.name] {
            return width(of: unit, zone: call.arguments.count > 1 ? zone : nil, within: bounds)
        }
        if let minutes = minuteFunctions[call.name] {
            return width(
                ofSpans: minutes * CivilTime.millisecondsPerMinute,
                zone: call.arguments.count > 1 ? zone : nil, within: bounds)
        }
        switch call.name {
        case "date_trunc", "date_part":
            guard case .constant(.string(let name), _) = call.arguments[0],
                let unit = units[name]
            else { return nil }
            return width(of: unit, zone: call.arguments.count > 2 ? zone : nil, within: bounds)
        case "time_bucket":
            guard call.arguments.count == 2 else { return nil }
            return width(ofInterval: call.arguments[0], zone: nil, within: bounds)
        case "toStartOfInterval":
            return width(
                ofInterval: call.arguments[1], zone: call.arguments.count > 2 ? zone : nil,
                within: bounds)
        case "toDate", "cast", "try_cast":
            return call.type == .date && call.arguments.count == 1
                ? CivilTime.millisecondsPerDay : nil
        default: return nil
        }
    }

    /// The parts of times that `date_trunc` and `date_part` name.
    private static let units: [String: TimeUnit] = [
        "minute": .minute, "hour": .hour, "day": .day, "week": .week, "month": .month,
        "quarter": .month, "year": .month, "dow": .day, "isodow": .day, "doy": .day,
        "dayofweek": .day, "dayofyear": .day,
    ]

    /// Functions of a time and a zone.
    private static let unitFunctions: [String: TimeUnit] = [
        "toStartOfMinute": .minute, "toStartOfHour": .hour, "toStartOfDay": .day,
        "toStartOfWeek": .week, "toStartOfMonth": .month, "toStartOfQuarter": .month,
        "toStartOfYear": .month, "toYear": .month, "toQuarter": .month, "toMonth": .month,
        "toISOWeek": .week, "toDayOfMonth": .day, "toDayOfYear": .day, "toDayOfWeek": .day,
        "dayofweek": .day, "toHour": .hour, "toMinute": .minute,
    ]

    private static let minuteFunctions: [String: Milliseconds] = [
        "toStartOfFiveMinutes": 5, "toStartOfTenMinutes": 10, "toStartOfFifteenMinutes": 15,
    ]

    private static func width(
        of unit: TimeUnit, zone: Expression?, within bounds: Range<Milliseconds>
    ) -> Milliseconds {
        guard let rules = rules(zone) else {
            switch unit {
            case .minute: return CivilTime.millisecondsPerMinute
            case .hour: return CivilTime.millisecondsPerHour
            default: return CivilTime.millisecondsPerDay
            }
        }
        // A minute of a local clock is one of UTC, unless its offset has seconds.
        let wide = bounds.clamped(to: CivilTime.millisecondsPerDay..<Milliseconds(1) << 42)
        return TimeBuckets(unit: unit, zone: rules).edgeDivisor(within: wide)
    }

    private static func width(
        ofInterval interval: Expression, zone: Expression?, within bounds: Range<Milliseconds>
    ) -> Milliseconds? {
        guard case .constant(.interval(let months, let width), _) = interval else { return nil }
        if months > 0 {
            return width == 0 ? self.width(of: .month, zone: zone, within: bounds) : nil
        }
        return self.width(ofSpans: width, zone: zone, within: bounds)
    }

    /// Of spans of a length, counted from the start of a day on the clock of the zone.
    private static func width(
        ofSpans width: Milliseconds, zone: Expression?, within bounds: Range<Milliseconds>
    ) -> Milliseconds? {
        let shared = common(CivilTime.millisecondsPerDay, width)
        guard shared % CivilTime.millisecondsPerMinute == 0 else { return nil }
        guard rules(zone) != nil else { return shared }
        if shared == CivilTime.millisecondsPerDay {
            return self.width(of: .day, zone: zone, within: bounds)
        }
        // The hours around tell how far the clock is from UTC, whichever spans the bounds cut.
        let day = CivilTime.millisecondsPerDay
        let around = bounds.clamped(to: day..<Milliseconds(1) << 42)
        let hours = self.width(
            of: .hour, zone: zone, within: around.lowerBound - day..<around.upperBound + day)
        return common(common(shared, CivilTime.millisecondsPerHour), hours)
    }

    /// The zone that a constant names; nil for UTC. Binding has refused what is none.
    private static func rules(_ zone: Expression?) -> TimeZoneRules? {
        guard case .constant(.string(let name), _)? = zone else { return nil }
        return (try? TimeZoneDatabase.shared.rules(named: name)) ?? nil
    }
}

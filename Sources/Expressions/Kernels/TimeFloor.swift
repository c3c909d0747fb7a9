internal import Base
internal import CKernels

/// Spans of time of one length, by the clocks of a zone, and the start of the one that an instant
/// lies in: `date_trunc`, `time_bucket` and their kin.
///
/// The rules are those of `TimeBuckets`: spans shorter than a day are cut where the offset of the
/// zone changes; days and longer ones start at the first instant of their local date. Spans that
/// divide a minute are those of UTC.
struct TimeFloor: Sendable {
    /// The length of a span and where one starts, on the local clock.
    enum Span: Sendable, Equatable {
        case milliseconds(Int64, origin: Milliseconds)
        /// The origin counts months from year 0.
        case months(Int64, origin: Int64)
    }

    /// 1970-01-01 was a Thursday, its week began three days before.
    static let firstMonday = -3 * CivilTime.millisecondsPerDay

    let span: Span
    /// Nil for UTC.
    let zone: TimeZoneRules?

    init(_ span: Span, zone: TimeZoneRules?) {
        self.span = span
        if case .milliseconds(let width, _) = span, CivilTime.millisecondsPerMinute % width == 0 {
            self.zone = nil
        } else {
            self.zone = zone
        }
    }

    /// The spans of a calendar unit.
    init(_ unit: CalendarUnit, zone: TimeZoneRules?) {
        switch unit.length {
        case .months(let count): self.init(.months(count, origin: 0), zone: zone)
        case .milliseconds(let width):
            let origin = unit == .week ? Self.firstMonday : 0
            self.init(.milliseconds(width, origin: origin), zone: zone)
        }
    }

    /// The start of the span that each instant lies in.
    func starts(_ instants: [Milliseconds]) -> [Milliseconds] {
        if zone == nil, case .milliseconds(let width, let origin) = span {
            return TimeKernels.floor(instants, width: width, origin: origin)
        }
        // Neighbours mostly lie in the same span.
        var window = Window(start: 0, end: 0, bucket: 0)
        var starts = instants
        for index in starts.indices {
            let instant = starts[index]
            if instant < window.start || instant >= window.end {
                window = self.window(around: instant)
            }
            starts[index] = window.bucket
        }
        return starts
    }

    /// Instants around one that lie in the same span under the same offset.
    private struct Window {
        var start: Milliseconds
        var end: Milliseconds
        var bucket: Milliseconds
    }

    private func window(around instant: Milliseconds) -> Window {
        guard let zone else {
            let (start, end) = localSpan(instant)
            return Window(start: start, end: end, bucket: start)
        }
        let offsetSpan = zone.span(at: instant)
        let (localStart, localEnd) = localSpan(instant &+ offsetSpan.offset)
        let start = max(offsetSpan.start, localStart &- offsetSpan.offset)
        let end = min(offsetSpan.end, localEnd &- offsetSpan.offset)
        return Window(
            start: start, end: end,
            bucket: isOfDays ? zone.firstInstant(local: localStart) : start)
    }

    private var isOfDays: Bool {
        switch span {
        case .milliseconds(let width, _): width % CivilTime.millisecondsPerDay == 0
        case .months: true
        }
    }

    /// The span on the local clock that a local time lies in.
    private func localSpan(_ local: Milliseconds) -> (start: Milliseconds, end: Milliseconds) {
        switch span {
        case .milliseconds(let width, let origin):
            let start = floorDivide(local &- origin, width) &* width &+ origin
            return (start, start &+ width)
        case .months(let count, let origin):
            let time = CivilTime(local)
            let month = Int64(time.year * 12 + time.month - 1)
            let first = floorDivide(month - origin, count) * count + origin
            return (MonthCount.start(first), MonthCount.start(first + count))
        }
    }
}

/// Months counted from January of year 0.
enum MonthCount {
    /// The first instant of a month, in UTC.
    static func start(_ month: Int64) -> Milliseconds {
        let year = floorDivide(month, 12)
        let day = CivilTime.dayNumber(year: Int(year), month: Int(month - year * 12) + 1, day: 1)
        return Int64(day) * CivilTime.millisecondsPerDay
    }

    /// The same time of the same day so many months later; of the last day of that month, where
    /// it has no such day.
    static func add(
        _ months: Int64, to time: Milliseconds
    ) throws(EvaluationError) -> Milliseconds {
        let dayNumber = floorDivide(time, CivilTime.millisecondsPerDay)
        let (year, month, day) = CivilTime.date(dayNumber: Int(dayNumber))
        guard months.magnitude < 1_000_000 else {
            throw .outOfRange("\(months) months", .timestamp)
        }
        let target = Int64(year * 12 + month - 1) + months
        let targetYear = Int(floorDivide(target, 12))
        let targetMonth = Int(target) - targetYear * 12 + 1
        let lastDay = CivilTime.dayCount(year: targetYear, month: targetMonth)
        let first = CivilTime.dayNumber(
            year: targetYear, month: targetMonth, day: min(day, lastDay))
        return Int64(first) * CivilTime.millisecondsPerDay
            + (time - dayNumber * CivilTime.millisecondsPerDay)
    }
}

/// Loops over instants.
enum TimeKernels {
    /// Instants and origins within these bounds are exact in the computation with floats.
    private static let exactBound: Int64 = 1 << 49

    /// The greatest multiple of the width, counted from the origin, that is not after each
    /// instant.
    ///
    /// With floats, which vectorise; where instants are too large for them, one by one.
    static func floor(
        _ instants: [Milliseconds], width: Int64, origin: Milliseconds
    ) -> [Milliseconds] {
        guard areExact(instants), origin.magnitude < exactBound, width < exactBound else {
            return instants.map { instant in
                floorDivide(instant &- origin, width) &* width &+ origin
            }
        }
        var starts = [Int64](repeating: 0, count: instants.count)
        unsafe weir_truncate(instants, instants.count, width, origin, &starts)
        return starts
    }

    private static func areExact(_ instants: [Milliseconds]) -> Bool {
        var bits: UInt64 = 0
        let span = instants.span
        for row in span.indices { bits |= UInt64(bitPattern: span[row] &+ exactBound) }
        return bits < UInt64(exactBound) * 2
    }

    /// The local time of each instant, as if it were UTC.
    static func local(_ instants: [Milliseconds], _ zone: TimeZoneRules?) -> [Milliseconds] {
        guard let zone else { return instants }
        var span = zone.span(at: instants.first ?? 0)
        return instants.map { instant in
            if instant < span.start || instant >= span.end { span = zone.span(at: instant) }
            return instant &+ span.offset
        }
    }

    /// The sums, unless one is out of the range of times.
    static func add(
        _ constant: Int64, to times: [Milliseconds]
    ) throws(EvaluationError) -> [Milliseconds] {
        var sums = [Int64](repeating: 0, count: times.count)
        guard constant.magnitude < 1 << 60 else {
            throw .outOfRange("\(constant) milliseconds", .timestamp)
        }
        var outside: Int64 = 0
        for row in sums.indices {
            let sum = times[row] &+ constant
            sums[row] = sum
            outside |= (sum &- TimeRange.first) | (TimeRange.last &- sum)
        }
        if outside < 0 {
            for sum in sums { _ = try TimeRange.check(sum) }
        }
        return sums
    }
}

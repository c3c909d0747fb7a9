package import Base
package import PartFormat

/// The range of time whose rows share a folder.
package enum Partition: Sendable, Hashable {
    /// Days since 1970-01-01, UTC.
    case day(Int)
    /// Months since January of year 0.
    case month(Int)
    /// Rows of any time, which a merge splits.
    case mixed

    /// The partition that a row of that time falls into.
    package init(_ time: Milliseconds, _ partitioning: TableSchema.Partitioning) {
        let day = Int(floorDivide(time, CivilTime.millisecondsPerDay))
        switch partitioning {
        case .day: self = .day(day)
        case .month:
            let date = CivilTime.date(dayNumber: day)
            self = .month(date.year * 12 + date.month - 1)
        }
    }

    /// Its first instant; nil for rows of any time.
    var start: Milliseconds? {
        switch self {
        case .mixed: nil
        case .day(let number): Partition.day(number - 1).end
        case .month(let number): Partition.month(number - 1).end
        }
    }

    /// The first instant behind it; nil for rows of any time.
    var end: Milliseconds? {
        switch self {
        case .mixed: return nil
        case .day(let number): return Milliseconds(number + 1) * CivilTime.millisecondsPerDay
        case .month(let number):
            let next = number + 1
            let year = floorDivide(next, 12)
            let day = CivilTime.dayNumber(year: year, month: next - year * 12 + 1, day: 1)
            return Milliseconds(day) * CivilTime.millisecondsPerDay
        }
    }

    /// Whether all times of the partition are times of the other.
    func lies(within other: Partition) -> Bool {
        if self == other || other == .mixed { return true }
        guard case .day(let day) = self, case .month = other else { return false }
        return Partition(Milliseconds(day) * CivilTime.millisecondsPerDay, .month) == other
    }

    /// The name of its folder: `2026-01-10`, `2026-01` or `mixed`; outside of the years 0 to 9999
    /// the number of the day or month, as `day-800000` or `month--5`.
    package var name: String {
        switch self {
        case .mixed: return "mixed"
        case .day(let number):
            let date = CivilTime.date(dayNumber: number)
            guard (0...9_999).contains(date.year) else { return "day-\(number)" }
            let month = Partition.padded(date.month, 2)
            return "\(Partition.padded(date.year, 4))-\(month)-\(Partition.padded(date.day, 2))"
        case .month(let number):
            let year = floorDivide(number, 12)
            guard (0...9_999).contains(year) else { return "month-\(number)" }
            return "\(Partition.padded(year, 4))-\(Partition.padded(number - year * 12 + 1, 2))"
        }
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

extension Partition: Comparable {
    /// Days, then months, each by time, then `mixed`.
    package static func < (left: Partition, right: Partition) -> Bool {
        left.order < right.order
    }

    private var order: (Int, Int) {
        switch self {
        case .day(let number): (0, number)
        case .month(let number): (1, number)
        case .mixed: (2, 0)
        }
    }
}

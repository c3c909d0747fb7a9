import Base
import Expressions
import Testing

@Suite struct TimeUnitTests {
    @Test(arguments: [
        (TimeUnit.minute, "2026-01-10T14:31:00Z"), (.hour, "2026-01-10T14:00:00Z"),
        (.day, "2026-01-10T00:00:00Z"), (.week, "2026-01-05T00:00:00Z"),
        (.month, "2026-01-01T00:00:00Z"),
    ]) func truncates(unit: TimeUnit, expected: String) throws {
        let instant = try #require(milliseconds("2026-01-10T14:31:59.999Z"))
        #expect(CivilTime(unit.truncate(instant)).text == expected)
        #expect(unit.truncate(try #require(milliseconds(expected))) == milliseconds(expected))
    }

    /// Day by day over four centuries and before the epoch, with a calendar that only counts.
    @Test func agreesWithACountingCalendar() {
        var (year, month, day) = (1899, 1, 1)
        var weekday = 6  // 1899-01-01 was a Sunday; 0 is Monday.
        var dayNumber = Milliseconds(CivilTime.dayNumber(year: 1899, month: 1, day: 1))
        var monday = dayNumber - 6
        var first = dayNumber
        while year < 2110 {
            let noon = dayNumber * 86_400_000 + 43_200_000
            guard TimeUnit.week.truncate(noon) == monday * 86_400_000,
                TimeUnit.month.truncate(noon) == first * 86_400_000,
                TimeUnit.day.truncate(noon) == dayNumber * 86_400_000
            else {
                Issue.record("\(year)-\(month)-\(day)")
                return
            }
            dayNumber += 1
            weekday = (weekday + 1) % 7
            if weekday == 0 { monday = dayNumber }
            day += 1
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            let lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            if day > lengths[month - 1] {
                (day, month, first) = (1, month + 1, dayNumber)
                if month == 13 { (month, year) = (1, year + 1) }
            }
        }
    }

    @Test(arguments: TimeUnit.allCases) func spansFollowEachOther(unit: TimeUnit) {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        var instants: [Milliseconds] = []
        for _ in 0..<2_000 {
            let base = Milliseconds.random(
                in: -4_000_000_000_000...9_000_000_000_000, using: &random)
            instants += [base, base + 1, base - 60_000]
        }
        var truncated = instants
        unit.truncate(all: &truncated)
        for (instant, start) in zip(instants, truncated) {
            let next = unit.next(after: instant)
            #expect(start == unit.truncate(instant), "seed \(seed)")
            #expect(start <= instant && instant < next, "seed \(seed)")
            #expect(unit.truncate(next) == next, "seed \(seed)")
            #expect(unit.truncate(next - 1) == start, "seed \(seed)")
        }
    }

    private func milliseconds(_ text: String) -> Milliseconds? {
        if case .instant(let instant)? = CivilTime.parse(text) { return instant }
        return nil
    }
}

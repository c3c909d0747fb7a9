import Base
import Testing

@Suite struct CivilTimeTests {
    @Test func textOfKnownInstants() {
        #expect(CivilTime(0).text == "1970-01-01T00:00:00Z")
        #expect(CivilTime(1_768_055_400_123).text == "2026-01-10T14:30:00.123Z")
        #expect(CivilTime(-1).text == "1969-12-31T23:59:59.999Z")
        #expect(CivilTime(951_782_400_000).text == "2000-02-29T00:00:00Z")
    }

    /// Walks the calendar day by day beside the conversions, over 800 years.
    @Test func daysFollowTheCalendar() {
        var (year, month, day) = (1_600, 1, 1)
        for number in CivilTime.dayNumber(year: 1_600, month: 1, day: 1)..<157_054 {
            let date = CivilTime.date(dayNumber: number)
            guard date == (year, month, day),
                CivilTime.dayNumber(year: year, month: month, day: day) == number
            else {
                Issue.record("day \(number): \(date) is not \(year)-\(month)-\(day)")
                return
            }
            day += 1
            if day > CivilTime.dayCount(year: year, month: month) { (month, day) = (month + 1, 1) }
            if month > 12 { (year, month) = (year + 1, 1) }
        }
        #expect((year, month, day) == (2_400, 1, 1))
    }

    @Test(arguments: [
        ("2026-01-10T14:30:00.123Z", 1_768_055_400_123),
        ("2026-01-10t14:30:00.1234567z", 1_768_055_400_123),
        ("2026-01-10 15:30:00.123+01:00", 1_768_055_400_123),
        ("2026-01-10T09:00:00.123-0530", 1_768_055_400_123),
        ("2026-01-10T14:30:00.1Z", 1_768_055_400_100),
        ("2016-12-31T23:59:60Z", 1_483_228_800_000),
        ("0000-01-01T00:00:00Z", -62_167_219_200_000),
        ("9999-12-31T23:59:59Z", 253_402_300_799_000),
    ])
    func instants(text: String, milliseconds: Int64) {
        #expect(CivilTime.parse(text) == .instant(milliseconds))
    }

    @Test(arguments: [
        ("2026-01-10", 1_768_003_200_000), ("2026-01-10T14:30", 1_768_055_400_000),
        ("2026-01-10 14:30:00.5", 1_768_055_400_500),
    ])
    func localTimes(text: String, milliseconds: Int64) {
        #expect(CivilTime.parse(text) == .local(milliseconds))
    }

    @Test(arguments: [
        "", "2026", "2026-13-45", "2026-02-29", "2026-00-10", "2026-01-00", "2026-01-10T",
        "2026-01-10T24:00:00Z", "2026-01-10T14:60:00Z", "2026-01-10T14:30:61Z",
        "2026-01-10T14:30:00.Z", "2026-01-10T14:30:00+1:00", "2026-01-10T14:30:00Zjunk",
        "26-01-10T14:30:00Z", "2026-1-10T14:30:00Z", "2026-01-10T14:30:00+25:00", " 2026-01-10",
    ])
    func unreadable(text: String) {
        #expect(CivilTime.parse(text) == nil)
    }

    @Test func everyTextIsReadBack() {
        for _ in 0..<1_000 {
            let instant = Int64.random(in: -62_167_219_200_000...253_402_300_799_999)
            #expect(CivilTime.parse(CivilTime(instant).text) == .instant(instant))
        }
    }
}

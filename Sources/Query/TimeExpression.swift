package import Base

/// The forms in which a query names an instant.
package enum TimeExpression {
    /// The instants that a query may name: the years 0 to 9999.
    static let limits: ClosedRange<Milliseconds> = -62_167_219_200_000...253_402_300_800_000

    /// Numbers below this are seconds, others milliseconds (as in events).
    private static let millisecondsFrom: Int64 = 100_000_000_000

    /// Reads an instant.
    ///
    /// RFC 3339 (a space may stand where URL decoding ate a `+`), a date, a time without offset
    /// (both in `zone`, nil for UTC), epoch seconds or milliseconds, `now`, or a span before now:
    /// `-7d`, `-24h`, `-30m`. A local time that comes twice is the first, one that clocks leap over
    /// is the instant of the leap. Nil where the text is none of these, or not within the years 0
    /// to 9999.
    package static func parse(
        _ text: String, now: Milliseconds, zone: TimeZoneRules? = nil
    ) -> Milliseconds? {
        guard let instant = unlimited(text, now: now, zone), limits.contains(instant) else {
            return nil
        }
        return instant
    }

    private static func unlimited(
        _ text: String, now: Milliseconds, _ zone: TimeZoneRules?
    ) -> Milliseconds? {
        if text == "now" { return now }
        if let instant = civil(text, zone) { return instant }
        if let number = Int64(text), text.first != "+" {
            return number.magnitude < millisecondsFrom.magnitude ? number * 1_000 : number
        }
        return relative(text, now: now)
    }

    private static func civil(_ text: String, _ zone: TimeZoneRules?) -> Milliseconds? {
        if let time = CivilTime.parse(text) { return instant(time, zone) }
        // `2026-01-10T00:00:00 02:00` was sent with a plus before it was decoded.
        guard let space = text.lastIndex(of: " ") else { return nil }
        let repaired = text[..<space] + "+" + text[text.index(after: space)...]
        return CivilTime.parse(String(repaired)).map { instant($0, zone) }
    }

    private static func instant(
        _ time: CivilTime.ParsedTime, _ zone: TimeZoneRules?
    ) -> Milliseconds {
        switch time {
        case .instant(let instant): instant
        case .local(let local): zone?.firstInstant(local: local) ?? local
        }
    }

    private static func relative(_ text: String, now: Milliseconds) -> Milliseconds? {
        guard text.first == "-", let unit = text.last else { return nil }
        let digits = text.dropFirst().dropLast()
        guard !digits.isEmpty, digits.count <= 9, digits.allSatisfy({ "0"..."9" ~= $0 }),
            let count = Int64(digits)
        else { return nil }
        switch unit {
        case "d": return now - count * CivilTime.millisecondsPerDay
        case "h": return now - count * CivilTime.millisecondsPerHour
        case "m": return now - count * CivilTime.millisecondsPerMinute
        default: return nil
        }
    }
}

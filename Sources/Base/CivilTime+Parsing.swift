extension CivilTime {
    /// How a text was read: an instant in UTC, or a local time whose zone the reader must supply.
    package enum ParsedTime: Sendable, Equatable {
        case instant(Milliseconds)
        /// A date or a time without an offset, as if it were UTC.
        case local(Milliseconds)
    }

    /// Reads RFC 3339, as in `2026-01-10T14:30:00.123+01:00`.
    ///
    /// With `T`, `t` or a space between date and time, or only a date, or a time without an
    /// offset; nil where the text is none of these or names a day or time that does not exist.
    /// Digits after the millisecond are cut. A leap second (`:60`) is the first instant of the
    /// next minute. O(length), no allocation.
    package static func parse(_ text: UnsafeRawBufferPointer) -> ParsedTime? {
        var scanner = unsafe TimeScanner(text: text)
        guard let year = scanner.digits(4), scanner.take("-"),
            let month = scanner.digits(2), (1...12).contains(month), scanner.take("-"),
            let day = scanner.digits(2), day >= 1, day <= dayCount(year: year, month: month)
        else { return nil }
        let midnight =
            Milliseconds(dayNumber(year: year, month: month, day: day)) * millisecondsPerDay
        if scanner.isAtEnd { return .local(midnight) }
        guard scanner.take("T") || scanner.take("t") || scanner.take(" "),
            let hour = scanner.digits(2), hour < 24, scanner.take(":"),
            let minute = scanner.digits(2), minute < 60
        else { return nil }
        var time = midnight + Milliseconds(hour * 3_600_000 + minute * 60_000)
        if scanner.take(":") {
            guard let second = scanner.digits(2), second <= 60 else { return nil }
            time += Milliseconds(second * 1_000)
            if scanner.take(".") {
                guard let fraction = scanner.milliseconds() else { return nil }
                time += Milliseconds(fraction)
            }
        }
        if scanner.isAtEnd { return .local(time) }
        guard let offset = scanner.offset(), scanner.isAtEnd else { return nil }
        return .instant(time - offset)
    }

    /// The same, of a string.
    package static func parse(_ text: String) -> ParsedTime? {
        var copy = text
        return copy.withUTF8 { unsafe parse(UnsafeRawBufferPointer($0)) }
    }
}

/// Reads the pieces of a time from left to right.
@safe
private struct TimeScanner {
    let text: UnsafeRawBufferPointer
    var index = 0

    init(text: UnsafeRawBufferPointer) { unsafe self.text = text }

    var isAtEnd: Bool { unsafe index == text.count }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard unsafe index < text.count, unsafe text[index] == UInt8(ascii: character) else {
            return false
        }
        index += 1
        return true
    }

    /// Exactly `count` digits.
    mutating func digits(_ count: Int) -> Int? {
        guard unsafe text.count - index >= count else { return nil }
        var number = 0
        for _ in 0..<count {
            guard let digit = nextDigit() else { return nil }
            number = number * 10 + digit
        }
        return number
    }

    /// One or more digits of a second's fraction, as milliseconds.
    mutating func milliseconds() -> Int? {
        var number = 0
        var count = 0
        while let digit = nextDigit() {
            if count < 3 { number = number * 10 + digit }
            count += 1
        }
        guard count > 0 else { return nil }
        for _ in min(count, 3)..<3 { number *= 10 }
        return number
    }

    /// `Z`, `+hh:mm`, `-hh:mm` or `+hhmm`, in milliseconds.
    mutating func offset() -> Milliseconds? {
        if take("Z") || take("z") { return 0 }
        let sign: Milliseconds
        if take("+") { sign = 1 } else if take("-") { sign = -1 } else { return nil }
        guard let hours = digits(2), hours < 24 else { return nil }
        _ = take(":")
        guard let minutes = digits(2), minutes < 60 else { return nil }
        return sign * Milliseconds(hours * 3_600_000 + minutes * 60_000)
    }

    private mutating func nextDigit() -> Int? {
        guard unsafe index < text.count else { return nil }
        let digit = unsafe text[index] &- UInt8(ascii: "0")
        guard digit < 10 else { return nil }
        index += 1
        return Int(digit)
    }
}

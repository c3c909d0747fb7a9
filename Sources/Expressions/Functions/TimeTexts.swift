internal import Base

/// Times as texts of a given format.
enum TimeTexts {
    static let definitions = [
        formatter(
            "strftime", [], .c,
            "The time as text: %Y %m %d %H %M %S, %y %e %j %f (6 digits) %I %p %a %A %b %B %u %w "
                + "%V %G %F %T %D %R %s %z %n %t %%.",
            "strftime(timestamp '2026-01-10 14:05:09', '%d.%m.%Y %H:%M')", "10.01.2026 14:05"),
        formatter(
            "formatDateTime", [], .clickHouse,
            "The time as text, as strftime, but %i is the minute and %M the name of the month.",
            "formatDateTime(timestamp '2026-01-10 14:05:09', '%H:%i')", "14:05"),
    ]

    private static func formatter(
        _ name: String, _ aliases: [String], _ dialect: TimeFormat.Dialect, _ summary: String,
        _ example: String, _ result: String
    ) -> FunctionDefinition {
        FunctionDefinition(
            name, aliases, .time, summary, example: example, result,
            overloads: [
                Overload([.timestamp, .constantString, .zone], .string) {
                    (arguments, context) throws(BindingError) in
                    let format = try TimeFormat(arguments[1].constantText ?? "", dialect)
                    let zone = try context.zone(arguments.at(2))
                    return FunctionKernel(canFail: false) { operands, count in
                        texts(format, zone, Int64.reader(operands[0]), count)
                    }
                }
            ])
    }

    private static func texts(
        _ format: TimeFormat, _ zone: TimeZoneRules?, _ times: NumberReader<Int64>, _ count: Int
    ) -> Vector {
        var pool = TextPool()
        // Neighbours often have the same text; the instant is looked up before it is formatted.
        var codes: [Int64: UInt32] = [:]
        var last: (instant: Int64, code: UInt32)?
        let rows = (0..<count).map { row -> UInt32 in
            let instant = times[row]
            if let last, last.instant == instant { return last.code }
            if let code = codes[instant] {
                last = (instant, code)
                return code
            }
            let text = format.text(instant, zone?.offset(at: instant) ?? 0)
            let code = pool.code(Array(text.utf8)[...])
            codes[instant] = code
            last = (instant, code)
            return code
        }
        return Vector(values: .codes(rows, dictionary: pool.table))
    }
}

/// A format of times, taken apart once.
struct TimeFormat: Sendable {
    /// Whose meaning of `%M`, `%i` and `%h` holds.
    enum Dialect: Sendable { case c, clickHouse }

    private enum Piece: Sendable {
        case literal(String)
        case directive(Character)
    }

    private static let days = [
        "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
    ]
    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ]
    private static let known = Set("YmdHMSyejfIpaAbBuwVGFTDRszntCLk%")

    private var pieces: [Piece] = []

    init(_ format: String, _ dialect: Dialect) throws(BindingError) {
        var literal = ""
        var characters = format.makeIterator()
        while let character = characters.next() {
            guard character == "%" else {
                literal.append(character)
                continue
            }
            let given = characters.next()
            let directive = given.map { dialect == .c ? $0 : Self.standard($0) }
            guard let directive, Self.known.contains(directive) else {
                throw BindingError(
                    code: "invalid_value",
                    message: "%\(given.map(String.init) ?? "") is no directive of a format of times"
                )
            }
            if !literal.isEmpty { pieces.append(.literal(literal)) }
            literal = ""
            pieces.append(.directive(directive))
        }
        if !literal.isEmpty { pieces.append(.literal(literal)) }
    }

    private static func standard(_ directive: Character) -> Character {
        switch directive {
        case "i": "M"
        case "M": "B"
        case "h": "I"
        default: directive
        }
    }

    /// The text of an instant at an offset from UTC.
    func text(_ instant: Milliseconds, _ offset: Milliseconds) -> String {
        let local = instant &+ offset
        let time = CivilTime(local)
        var text = ""
        for piece in pieces {
            switch piece {
            case .literal(let literal): text += literal
            case .directive(let directive):
                text += Self.text(directive, time, local, instant, offset)
            }
        }
        return text
    }

    private static func text(
        _ directive: Character, _ time: CivilTime, _ local: Milliseconds,
        _ instant: Milliseconds, _ offset: Milliseconds
    ) -> String {
        let half = time.hour % 12 == 0 ? 12 : time.hour % 12
        switch directive {
        case "Y": return padded(time.year, 4)
        case "C": return padded(time.year / 100, 2)
        case "y": return padded(time.year % 100, 2)
        case "m": return padded(time.month, 2)
        case "d": return padded(time.day, 2)
        case "e": return padded(time.day, 2, " ")
        case "j": return padded(Int(TimeField.doy.value(local)), 3)
        case "H": return padded(time.hour, 2)
        case "k": return padded(time.hour, 2, " ")
        case "I": return padded(half, 2)
        case "p": return time.hour < 12 ? "AM" : "PM"
        case "M": return padded(time.minute, 2)
        case "S": return padded(time.second, 2)
        case "L": return padded(time.millisecond, 3)
        case "f": return padded(time.millisecond * 1_000, 6)
        case "s": return String(floorDivide(instant, 1_000))
        default: return named(directive, time, local, offset)
        }
    }

    private static func named(
        _ directive: Character, _ time: CivilTime, _ local: Milliseconds, _ offset: Milliseconds
    ) -> String {
        let weekday = Int(TimeField.isodow.value(local))
        let date = "\(padded(time.year, 4))-\(padded(time.month, 2))-\(padded(time.day, 2))"
        let minutes = "\(padded(time.hour, 2)):\(padded(time.minute, 2))"
        switch directive {
        case "a": return String(days[weekday - 1].prefix(3))
        case "A": return days[weekday - 1]
        case "b": return String(months[time.month - 1].prefix(3))
        case "B": return months[time.month - 1]
        case "u": return String(weekday)
        case "w": return String(weekday % 7)
        case "V": return padded(Int(TimeField.week.value(local)), 2)
        case "G": return padded(Int(TimeField.isoyear.value(local)), 4)
        case "F": return date
        case "T": return "\(minutes):\(padded(time.second, 2))"
        case "R": return minutes
        case "D":
            return "\(padded(time.month, 2))/\(padded(time.day, 2))/\(padded(time.year % 100, 2))"
        case "z":
            let distance = Int(offset.magnitude / 60_000)
            return (offset < 0 ? "-" : "+") + padded(distance / 60, 2) + padded(distance % 60, 2)
        case "n": return "\n"
        case "t": return "\t"
        default: return "%"
        }
    }

    private static func padded(_ number: Int, _ width: Int, _ fill: Character = "0") -> String {
        let digits = String(number)
        return String(repeating: fill, count: max(0, width - digits.count)) + digits
    }
}

internal import Base
internal import Expressions

/// Times as text, directive by directive.
extension NaiveEvaluator {
    func formatted(
        _ name: String, _ time: Milliseconds, _ format: String, _ rules: TimeZoneRules?
    ) -> String {
        let offset = rules?.offset(at: time) ?? 0
        var text = ""
        var characters = Array(format)[...]
        while let character = characters.popFirst() {
            guard character == "%", var directive = characters.popFirst() else {
                text.append(character)
                continue
            }
            if name == "formatDateTime" {
                directive = ["i": "M", "M": "B", "h": "I"][directive] ?? directive
            }
            text += self.text(directive, time, offset)
        }
        return text
    }

    private func text(_ directive: Character, _ time: Milliseconds, _ offset: Int64) -> String {
        let fields = CivilTime(time + offset)
        let compounds: [Character: String] = [
            "F": "Ymd", "T": "HMS", "R": "HM", "D": "mdy",
        ]
        if let parts = compounds[directive] {
            let separator = directive == "F" ? "-" : (directive == "D" ? "/" : ":")
            return parts.map { text($0, time, offset) }.joined(separator: separator)
        }
        switch directive {
        case "Y": return digits(fields.year, 4)
        case "C": return digits(fields.year / 100, 2)
        case "y": return digits(fields.year % 100, 2)
        case "m": return digits(fields.month, 2)
        case "d": return digits(fields.day, 2)
        case "e": return fields.day < 10 ? " \(fields.day)" : "\(fields.day)"
        case "H": return digits(fields.hour, 2)
        case "k": return fields.hour < 10 ? " \(fields.hour)" : "\(fields.hour)"
        case "I": return digits((fields.hour + 11) % 12 + 1, 2)
        case "p": return fields.hour / 12 == 0 ? "AM" : "PM"
        case "M": return digits(fields.minute, 2)
        case "S": return digits(fields.second, 2)
        case "L": return digits(fields.millisecond, 3)
        case "f": return digits(fields.millisecond, 3) + "000"
        case "s": return "\(floorDivide(time, 1_000))"
        case "j": return digits(part("doy", time + offset), 3)
        case "u": return "\(part("isodow", time + offset))"
        case "w": return "\(part("dow", time + offset))"
        case "V": return digits(part("week", time + offset), 2)
        case "G": return digits(part("isoyear", time + offset), 4)
        case "a": return String(day(time + offset).prefix(3))
        case "A": return day(time + offset)
        case "b": return String(month(fields.month).prefix(3))
        case "B": return month(fields.month)
        case "z":
            let minutes = Int(abs(offset) / 60_000)
            return (offset < 0 ? "-" : "+") + digits(minutes / 60, 2) + digits(minutes % 60, 2)
        case "n": return "\n"
        case "t": return "\t"
        default: return "%"
        }
    }

    private func part(_ name: String, _ local: Milliseconds) -> Int {
        let value = try? time("date_part", [.string(name), .timestamp(local)])
        guard case .integer(let number)? = value else { return 0 }
        return Int(number)
    }

    private func day(_ local: Milliseconds) -> String {
        let names = ["Sun", "Mon", "Tues", "Wednes", "Thurs", "Fri", "Satur"]
        return names[part("dow", local)] + "day"
    }

    private func month(_ number: Int) -> String {
        "January February March April May June July August September October November December"
            .split(separator: " ")[number - 1].description
    }

    private func digits(_ number: Int, _ width: Int) -> String {
        var text = "\(number)"
        while text.count < width { text = "0" + text }
        return text
    }
}

internal import Base
internal import Expressions

/// Casts of every pair of types.
extension NaiveEvaluator {
    func cast(_ call: FunctionCall, _ arguments: [Value]) throws(EvaluationError) -> Value? {
        switch call.name {
        case "cast": return try cast(arguments[0], to: call.type)
        case "try_cast": return (try? cast(arguments[0], to: call.type)) ?? .null
        case "toInt64":
            return try integer(arguments[0].double.rounded(.towardZero))
        default: return nil
        }
    }

    private func cast(_ value: Value, to type: DataType) throws(EvaluationError) -> Value {
        if type == .string { return .string(text(value)) }
        switch value {
        case .null: return .null
        case .boolean(let truth):
            return type == .integer ? .integer(truth ? 1 : 0) : .float(truth ? 1 : 0)
        case .integer(let number):
            return type == .float ? .float(Double(number)) : .boolean(number != 0)
        case .float(let number):
            if type == .boolean { return .boolean(number != 0) }
            return try integer(number.rounded(.toNearestOrEven))
        case .timestamp(let time): return .date(floorDivide(time, 86_400_000))
        case .date(let day): return .timestamp(day * 86_400_000)
        case .string(let text): return try read(text, type)
        case .interval: fatalError("a cast of an interval")
        }
    }

    private func integer(_ number: Double) throws(EvaluationError) -> Value {
        guard let integer = Int64(exactly: number) else { throw .naive("out_of_range") }
        return .integer(integer)
    }

    /// The text of a value, as a cast gives it.
    func text(_ value: Value) -> String {
        switch value {
        case .null: return ""
        case .boolean(let truth): return "\(truth)"
        case .integer(let number): return "\(number)"
        case .float(let number):
            if number == number.rounded(), number.magnitude < 9007199254740992 {
                return "\(Int64(number))"
            }
            return number.description
        case .string(let text): return text
        case .timestamp(let time): return CivilTime(time).text
        case .date(let day): return String(CivilTime(day * 86_400_000).text.prefix(10))
        case .interval: fatalError("an interval as text")
        }
    }

    private func read(_ text: String, _ type: DataType) throws(EvaluationError) -> Value {
        var scalars = Array(text.unicodeScalars)
        while let last = scalars.last, last == " " || ("\t"..."\r").contains(last) {
            scalars.removeLast()
        }
        while let first = scalars.first, first == " " || ("\t"..."\r").contains(first) {
            scalars.removeFirst()
        }
        var trimmed = ""
        trimmed.unicodeScalars.append(contentsOf: scalars)
        switch type {
        case .boolean:
            if ["true", "t", "1", "yes"].contains(trimmed.lowercased()) { return .boolean(true) }
            if ["false", "f", "0", "no"].contains(trimmed.lowercased()) { return .boolean(false) }
        case .integer:
            if let number = Int64(trimmed) { return .integer(number) }
        case .float:
            let special: [String: Double] = [
                "nan": .nan, "inf": .infinity, "infinity": .infinity, "+inf": .infinity,
                "+infinity": .infinity, "-inf": -.infinity, "-infinity": -.infinity,
            ]
            if let number = special[trimmed.lowercased()] { return .float(number) }
            if trimmed.allSatisfy({ "0123456789+-.eE".contains($0) }), let number = Double(trimmed)
            {
                return .float(number)
            }
        case .timestamp, .date:
            let time: Milliseconds? =
                switch CivilTime.parse(trimmed) {
                case .instant(let time), .local(let time): time
                case nil: nil
                }
            if let time, CivilTime(time).year >= 0, CivilTime(time).year <= 9_999 {
                return type == .date ? .date(floorDivide(time, 86_400_000)) : .timestamp(time)
            }
        case .json:
            if (try? JSONValue.parse(text)) != nil { return .string(text) }
        case .null, .string, .state, .interval: break
        }
        throw .naive("invalid_value")
    }
}

internal import Base

/// Conversions of one value, for casts that are asked for and those that binding inserts.
enum Casts {
    /// A cast, folded if it can be.
    static func cast(
        _ expression: Expression, to type: DataType, isTry: Bool, _ context: BindingContext
    ) throws(BindingError) -> Expression {
        let from = expression.type
        if from == type { return expression }
        if expression.constant == .null { return .constant(.null, type) }
        guard let kernel = kernel(from, type, isTry: isTry) else {
            throw BindingError(
                code: "wrong_arguments",
                message: "no cast from \(from.name) to \(type.name)" + hint(from, type))
        }
        return try Folding.fold(
            .call(
                FunctionCall(
                    name: isTry ? "try_cast" : "cast", arguments: [expression], type: type,
                    kernel: kernel)))
    }

    private static func hint(_ from: DataType, _ to: DataType) -> String {
        switch (from, to) {
        case (.integer, .timestamp), (.float, .timestamp):
            "; use fromUnixTimestamp(seconds) or epoch_ms(milliseconds)"
        case (.timestamp, .integer), (.timestamp, .float):
            "; use epoch(time) for seconds or epoch_ms(time) for milliseconds"
        default: ""
        }
    }

    /// The kernel of a cast; nil if there is no such cast.
    static func kernel(_ from: DataType, _ to: DataType, isTry: Bool) -> FunctionKernel? {
        switch (from, to) {
        case (_, .string): return toText(from)
        case (.integer, .float):
            return .map { (number: Int64) in Double(number) }
        case (.boolean, .integer): return .map { (truth: Bool) -> Int64 in truth ? 1 : 0 }
        case (.boolean, .float): return .map { (truth: Bool) -> Double in truth ? 1 : 0 }
        case (.integer, .boolean): return .map { (number: Int64) in number != 0 }
        case (.float, .boolean): return .map { (number: Double) in number != 0 }
        case (.float, .integer):
            return .fallible(isTry: isTry) { (number: Double) throws(EvaluationError) -> Int64 in
                try integer(number, .toNearestOrEven)
            }
        case (.date, .timestamp):
            return .map { (day: Int64) in day &* CivilTime.millisecondsPerDay }
        case (.timestamp, .date):
            return .map { (time: Int64) in floorDivide(time, CivilTime.millisecondsPerDay) }
        case (.string, _), (.json, .integer), (.json, .float), (.json, .boolean):
            return fromText(to, isTry: isTry)
        default: return nil
        }
    }

    private static func toText(_ from: DataType) -> FunctionKernel? {
        switch from {
        case .boolean: .map { (truth: Bool) in truth ? "true" : "false" }
        case .integer: .map { (number: Int64) in String(number) }
        case .float: .map { (number: Double) in Literal.text(number) }
        case .timestamp: .map { (time: Int64) in CivilTime(time).text }
        case .date: .map { (day: Int64) in dateText(day) }
        case .json, .string, .null:
            FunctionKernel(canFail: false) { operands, count in
                switch operands[0] {
                case .vector(let vector): vector
                case .constant(let value): Vector(repeating: value, type: .string, count: count)
                }
            }
        case .interval, .state: nil
        }
    }

    private static func fromText(_ to: DataType, isTry: Bool) -> FunctionKernel? {
        switch to {
        case .boolean:
            .fallible(isTry: isTry) { (text: TextSlice) throws(EvaluationError) -> Bool in
                try wanted(boolean(text), text, .boolean)
            }
        case .integer:
            .fallible(isTry: isTry) { (text: TextSlice) throws(EvaluationError) -> Int64 in
                try wanted(integer(text), text, .integer)
            }
        case .float:
            .fallible(isTry: isTry) { (text: TextSlice) throws(EvaluationError) -> Double in
                try wanted(float(text), text, .float)
            }
        case .timestamp:
            .fallible(isTry: isTry) { (text: TextSlice) throws(EvaluationError) -> Int64 in
                try wanted(time(text), text, .timestamp)
            }
        case .date:
            .fallible(isTry: isTry) { (text: TextSlice) throws(EvaluationError) -> Int64 in
                floorDivide(
                    try wanted(time(text), text, .date), CivilTime.millisecondsPerDay)
            }
        case .json:
            .fallible(isTry: isTry) { (text: TextSlice) throws(EvaluationError) -> TextSlice in
                guard (try? JSONValue.parse(Array(text))) != nil else {
                    throw .invalid(String(decoding: text, as: UTF8.self), .json)
                }
                return text
            }
        case .null, .string, .state, .interval: nil
        }
    }

    private static func wanted<Result>(
        _ result: Result?, _ text: TextSlice, _ type: DataType
    ) throws(EvaluationError) -> Result {
        guard let result else { throw .invalid(String(decoding: text, as: UTF8.self), type) }
        return result
    }

    /// The nearest integer, or the one towards zero.
    static func integer(
        _ number: Double, _ rule: FloatingPointRoundingRule
    ) throws(EvaluationError) -> Int64 {
        let rounded = number.rounded(rule)
        guard rounded >= -0x1p63, rounded < 0x1p63 else {
            throw .outOfRange(Literal.text(number), .integer)
        }
        return Int64(rounded)
    }

    /// As in `2026-01-10`.
    static func dateText(_ day: Int64) -> String {
        String(CivilTime(day &* CivilTime.millisecondsPerDay).text.prefix { $0 != "T" })
    }

    // MARK: Texts; spaces around them do not count.

    static func boolean(_ text: TextSlice) -> Bool? {
        switch String(decoding: trimmed(text), as: UTF8.self).lowercased() {
        case "true", "t", "1", "yes": true
        case "false", "f", "0", "no": false
        default: nil
        }
    }

    static func integer(_ text: TextSlice) -> Int64? {
        Int64(String(decoding: trimmed(text), as: UTF8.self))
    }

    static func float(_ text: TextSlice) -> Double? {
        let digits = String(decoding: trimmed(text), as: UTF8.self)
        // What the language reads beyond decimals, such as hexadecimal, is no number of SQL.
        let isDecimal = digits.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"),
                UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
                true
            default: false
            }
        }
        if isDecimal { return Double(digits) }
        switch digits.lowercased() {
        case "nan": return .nan
        case "inf", "infinity", "+inf", "+infinity": return .infinity
        case "-inf", "-infinity": return -.infinity
        default: return nil
        }
    }

    /// RFC 3339, or a date or time without offset, in UTC.
    static func time(_ text: TextSlice) -> Milliseconds? {
        let parsed = unsafe trimmed(text).withUnsafeBytes { unsafe CivilTime.parse($0) }
        switch parsed {
        case .instant(let time), .local(let time): return TimeRange.contains(time) ? time : nil
        case nil: return nil
        }
    }

    static func trimmed(_ text: TextSlice) -> TextSlice {
        guard let first = text.firstIndex(where: { !isSpace($0) }),
            let last = text.lastIndex(where: { !isSpace($0) })
        else { return [] }
        return text[first...last]
    }

    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}

/// The times that SQL can compute with: those of the years 0 to 9999.
enum TimeRange {
    static let first: Milliseconds = -62_167_219_200_000
    static let last: Milliseconds = 253_402_300_799_999

    static func contains(_ time: Milliseconds) -> Bool { first <= time && time <= last }

    /// The time, if SQL can compute with it.
    static func check(_ time: Milliseconds) throws(EvaluationError) -> Milliseconds {
        guard contains(time) else {
            throw .outOfRange("\(time) milliseconds since 1970", .timestamp)
        }
        return time
    }
}

extension FunctionKernel {
    /// A kernel of a function that may fail: with an error, or with NULL.
    static func fallible<A: KernelInput, Result: KernelOutput>(
        isTry: Bool, _ function: @escaping @Sendable (A) throws(EvaluationError) -> Result
    ) -> FunctionKernel {
        isTry ? .optional { (argument: A) in try? function(argument) } : .attempt(function)
    }
}

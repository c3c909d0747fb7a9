internal import Base

/// Casts by name, and what a value's type is.
enum CastFunctions {
    static let definitions =
        [
            caster(
                "toString", ["to_string"], .string, "The value as text.", "toString(75.0)", "75"),
            caster(
                "toFloat64", ["to_float64"], .float, "The value as a float.",
                "toFloat64('2.5')", "2.5"),
            caster(
                "toDate", ["to_date", "date"], .date, "The day of a time or text, in UTC.",
                "toDate('2026-01-10T23:00:00Z')", "2026-01-10"),
            caster(
                "toBoolean", ["toBool"], .boolean, "The value as true or false; 0 is false.",
                "toBoolean('true')", "true"),
            caster(
                "toInt64OrNull", [], .integer, "A text as an integer; NULL if it is none.",
                "toInt64OrNull('7x')", "NULL", isTry: true),
            caster(
                "toFloat64OrNull", [], .float, "A text as a float; NULL if it is none.",
                "toFloat64OrNull('')", "NULL", isTry: true),
            caster(
                "toDateOrNull", [], .date, "A text as a date; NULL if it is none.",
                "toDateOrNull('2026-02-30')", "NULL", isTry: true),
            caster(
                "toDateTimeOrNull", ["toDateTime64OrNull", "parseDateTimeBestEffortOrNull"],
                .timestamp, "A text as a time; NULL if it is none.",
                "toDateTimeOrNull('soon')", "NULL", isTry: true),
            toInteger, typeOf,
        ]

    private static func caster(
        _ name: String, _ aliases: [String], _ type: DataType, _ summary: String,
        _ example: String, _ result: String, isTry: Bool = false
    ) -> FunctionDefinition {
        let signatures = ["\(name)(any) → \(type.name)"]
        let nulls =
            isTry
            ? NullBehaviour.special("NULL if the argument is NULL or has no such value.")
            : .propagates
        return FunctionDefinition(
            name, aliases, .casts, summary, example: example, result, nulls: nulls,
            signatures: signatures
        ) { (arguments, context) throws(BindingError) in
            guard arguments.count == 1 else { throw wrongArguments(name, arguments, signatures) }
            return try Casts.cast(arguments[0], to: type, isTry: isTry, context)
        }
    }

    /// Unlike a cast, which rounds, it cuts the fraction off, as the name does elsewhere.
    private static let toInteger = FunctionDefinition(
        "toInt64", ["to_int64"], .casts,
        "The value as an integer; of a float the integral part.", example: "toInt64(2.9)", "2",
        signatures: ["toInt64(any) → Int64"]
    ) { (arguments, context) throws(BindingError) in
        guard arguments.count == 1 else {
            throw wrongArguments("toInt64", arguments, ["toInt64(any) → Int64"])
        }
        if arguments[0].type == .float {
            return try Overload.bind("toInt64", truncation, arguments, context)
        }
        return try Casts.cast(arguments[0], to: .integer, isTry: false, context)
    }

    private static let truncation = [
        Overload(
            [.float], .integer,
            kernel: .attempt { (number: Double) throws(EvaluationError) -> Int64 in
                try Casts.integer(number, .towardZero)
            })
    ]

    private static let typeOf = FunctionDefinition(
        "typeof", ["toTypeName"], .casts, "The name of the argument's type.",
        example: "typeof(1.5)", "Float64", nulls: .special("Never NULL."),
        signatures: ["typeof(any) → String"]
    ) { (arguments, _) throws(BindingError) in
        guard arguments.count == 1 else {
            throw wrongArguments("typeof", arguments, ["typeof(any) → String"])
        }
        return .constant(.string(arguments[0].type.name), .string)
    }
}

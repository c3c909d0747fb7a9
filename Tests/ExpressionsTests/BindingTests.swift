import Base
import Expressions
import Testing

/// What binding accepts, converts, folds and refuses.
@Suite struct BindingTests {
    private func bind(_ name: String, _ arguments: Expression...) throws(BindingError)
        -> Expression
    {
        try FunctionCatalog.bind(name, arguments, zones: testZones, now: 0)
    }

    private func integer(_ number: Int64) -> Expression { .constant(.integer(number), .integer) }
    private func float(_ number: Double) -> Expression { .constant(.float(number), .float) }
    private func text(_ text: String) -> Expression { .constant(.string(text), .string) }
    private let null = Expression.constant(.null, .null)

    private func failure(_ body: () throws -> Expression) -> BindingError? {
        do {
            Issue.record("bound to \(try body())")
            return nil
        } catch {
            return error as? BindingError
        }
    }

    @Test func unknownNamesGetTheClosest() {
        let error = failure { try bind("date_trnc", text("hour")) }
        #expect(error?.code == "unknown_function")
        #expect(error?.closest.first == "date_trunc")
    }

    @Test func wrongArgumentsGetTheSignatures() {
        let error = failure { try bind("length", integer(1), integer(2)) }
        #expect(error?.code == "wrong_arguments")
        #expect(
            error?.message
                == "no length(Int64, Int64); there is length(String) → Int64")
        let pattern = failure {
            try bind("like", .column(0, .string), .column(1, .string))
        }
        #expect(pattern?.message == "argument 2 of like must be a constant")
        for name in ["equals", "not", "if", "coalesce", "concat", "json_extract", "typeof", "now"] {
            #expect(
                failure { try bind(name, .column(0, .interval), integer(1)) }?.code
                    == "wrong_arguments", "\(name)")
        }
    }

    @Test func constantsAreFoldedAndTheirErrorsFound() throws {
        #expect(try bind("+", integer(2), float(0.5)) == float(2.5))
        #expect(try bind("+", integer(2), null) == .constant(.null, .integer))
        #expect(failure { try bind("/", integer(1), integer(0)) }?.code == "division_by_zero")
        #expect(failure { try bind("+", integer(.max), integer(1)) }?.code == "out_of_range")
        #expect(failure { try bind("sqrt", float(-1)) }?.code == "out_of_range")
        #expect(failure { try bind("round", integer(.max), integer(-19)) }?.code == "out_of_range")
        #expect(try bind("round", integer(4_999_999_999_999_999_999), integer(-19)) == integer(0))
        let cast = failure {
            try FunctionCatalog.cast(text("x"), to: .integer, isTry: false, zones: testZones)
        }
        #expect(cast == BindingError(code: "invalid_value", message: "\"x\" is no Int64"))
        #expect(failure { try bind("repeat", text("x"), integer(1 << 40)) }?.code == "query_limit")
    }

    @Test func textsTakeTheTypeOfTheTimesBesideThem() throws {
        let time = Expression.column(0, .timestamp)
        let day = Expression.column(1, .date)
        let instant = Expression.constant(.timestamp(1_768_055_400_000), .timestamp)
        #expect(
            try bind(">=", time, text("2026-01-10T14:30:00Z")) == bind(">=", time, instant))
        #expect(
            try bind("=", day, text("2026-01-10"))
                == bind("=", day, .constant(.date(20_463), .date)))
        let error = failure { try bind("<", time, text("yesterday")) }
        #expect(error?.code == "invalid_value")
        #expect(try bind("<", day, time).description == "less(cast(#1 AS DateTime64(3)), #0)")
    }

    @Test func textsEqualNumbersByTheirText() throws {
        let property = Expression.column(0, .string)
        #expect(try bind("=", property, integer(75)) == bind("=", property, text("75")))
        #expect(try bind("=", property, float(75)) == bind("=", property, text("75")))
        let number = Expression.column(1, .integer)
        #expect(try bind("=", number, text("75")) == bind("=", number, integer(75)))
        #expect(try bind("<", number, text("75")) == bind("<", number, integer(75)))
        #expect(try bind("=", number, float(75)) == bind("=", number, integer(75)))
        #expect(
            try bind("=", number, text("075")).description == "equals(cast(#1 AS String), '075')")
        #expect(failure { try bind("<", property, integer(75)) }?.code == "wrong_arguments")
    }

    @Test func listsAreOfTheTypeOfWhatIsSought() throws {
        let time = Expression.column(0, .timestamp)
        let times = try FunctionCatalog.oneOf(
            time, [text("1970-01-01"), null, text("1970-01-02"), text("1970-01-01")],
            zones: testZones)
        #expect(
            times
                == .oneOf(time, [.timestamp(0), .timestamp(86_400_000)], listHasNull: true))
        let mixed = try FunctionCatalog.oneOf(
            .column(1, .integer), [integer(1), float(2), text("3"), .column(2, .integer)],
            zones: testZones)
        #expect(mixed.description == "(equals(#1, #2) OR #1 IN (1, 2, 3))")
        let empty = try FunctionCatalog.oneOf(time, [], zones: testZones)
        #expect(empty.constant == .boolean(false))
    }

    @Test func logicIsFlatAndSimplified() throws {
        let a = Expression.column(0, .boolean)
        let b = Expression.column(1, .boolean)
        let truth = Expression.constant(.boolean(true), .boolean)
        #expect(try bind("and", bind("and", a, b), a) == .and([a, b, a]))
        #expect(try bind("and", a, truth) == a)
        #expect(try bind("or", a, truth) == truth)
        #expect(try bind("and", truth, truth) == truth)
        #expect(try bind("not", null).constant == .null)
    }

    @Test func branchesAreUnitedInOneType() throws {
        let condition = Expression.column(0, .boolean)
        let united = try FunctionCatalog.conditional(
            [(condition, integer(1)), (condition, null)], otherwise: float(2.5), zones: testZones)
        #expect(united.type == .float)
        #expect(
            failure {
                try FunctionCatalog.conditional(
                    [(condition, integer(1))], otherwise: text("a"), zones: testZones)
            }?.code == "wrong_arguments")
        let known = try FunctionCatalog.conditional(
            [(.constant(.boolean(false), .boolean), integer(1))], otherwise: nil,
            zones: testZones)
        #expect(known.constant == .null && known.type == .integer)
    }

    @Test func zonesAndUnitsAreChecked() {
        let time = Expression.column(0, .timestamp)
        let zone = failure { try bind("toHour", time, text("Europe/Wien")) }
        #expect(zone?.code == "unknown_timezone")
        let unit = failure { try bind("date_trunc", text("houre"), time) }
        #expect(unit?.code == "invalid_value" && unit?.closest == ["hour"])
        let interval = Expression.constant(.interval(months: 1, milliseconds: 1), .interval)
        #expect(failure { try bind("time_bucket", interval, time) }?.code == "invalid_value")
        #expect(failure { try bind("strftime", time, text("%Q")) }?.code == "invalid_value")
    }

    @Test func intervalsAddUp() throws {
        let day = Expression.constant(.interval(months: 0, milliseconds: 86_400_000), .interval)
        let month = Expression.constant(.interval(months: 1, milliseconds: 0), .interval)
        #expect(
            try bind("-", month, day).constant
                == .interval(months: 1, milliseconds: -86_400_000))
        let date = Expression.constant(.date(30), .date)
        #expect(try bind("+", date, month).constant == .date(58))
        #expect(try bind("+", day, date).constant == .date(31))
        #expect(try bind("+", date, null) == .constant(.null, .date))
        let hour = Expression.constant(.interval(months: 0, milliseconds: 3_600_000), .interval)
        #expect(try bind("+", date, hour).type == .timestamp)
    }
}

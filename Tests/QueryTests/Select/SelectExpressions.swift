import Base
import Expressions

/// Random scalar expressions over columns, as text.
struct SelectExpressions {
    static let types: [DataType] = [
        .integer, .integer, .float, .string, .string, .boolean, .timestamp, .date,
    ]
    static let zones = [
        "UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe",
        "Asia/Kathmandu",
    ]

    let columns: [SelectGenerator.Column]
    /// Whether expressions may have no value.
    let failing: Bool
    /// Whether the column is an aggregate, which others may not be beside.
    var isAggregate = false
    /// Whether one was made that may have none.
    private(set) var hasFailing = false

    init(columns: [SelectGenerator.Column], failing: Bool, isAggregate: Bool = false) {
        self.columns = columns
        self.failing = failing
        self.isAggregate = isAggregate
    }

    /// An expression of a type.
    mutating func make(_ type: DataType, _ depth: Int, _ random: inout SeededRandom) -> String {
        if depth <= 0 || random.chance(0.2) { return leaf(type, &random) }
        if failing, random.chance(0.3), type == .integer || type == .float {
            hasFailing = true
            let name = type == .integer ? "intDiv" : "divide"
            return "\(name)(\(leaf(type, &random)), \(make(.integer, depth - 1, &random)) % 4)"
        }
        if random.chance(0.12) { return shared(type, depth - 1, &random) }
        switch type {
        case .integer: return integer(depth - 1, &random)
        case .float: return float(depth - 1, &random)
        case .string: return string(depth - 1, &random)
        case .boolean: return boolean(depth - 1, &random)
        case .timestamp: return timestamp(depth - 1, &random)
        case .date: return "toDate(\(make(.timestamp, depth - 1, &random)))"
        default: return "NULL"
        }
    }

    private mutating func leaf(_ type: DataType, _ random: inout SeededRandom) -> String {
        let fitting = columns.filter { $0.type == type }
        if !fitting.isEmpty, random.chance(0.85) { return random.pick(fitting).text }
        switch type {
        case .integer: return "\(random.below(12))"
        case .float: return "\(random.below(8)).\(random.pick(["5", "25"]))"
        case .string: return Self.quoted(random.pick(SelectEvents.texts))
        case .boolean: return random.pick(["true", "false"])
        case .timestamp: return "TIMESTAMP '2026-01-10T\(10 + random.below(10)):30:00Z'"
        case .date: return "DATE '2026-01-1\(random.below(3))'"
        default: return "NULL"
        }
    }

    static func quoted(_ text: String) -> String {
        "'" + text.map { $0 == "'" ? "''" : String($0) }.joined() + "'"
    }

    /// What there is for every type.
    private mutating func shared(
        _ type: DataType, _ depth: Int, _ random: inout SeededRandom
    ) -> String {
        let (first, second) = (make(type, depth, &random), make(type, depth, &random))
        switch random.below(5) {
        case 0: return "coalesce(\(first), \(second))"
        case 1:
            let condition = make(.boolean, depth, &random)
            return "CASE WHEN \(condition) THEN \(first) ELSE \(second) END"
        case 2:
            let condition = make(.boolean, depth, &random)
            return "CASE WHEN \(condition) THEN \(first) END"
        case 3: return "nullIf(\(first), \(second))"
        default: return "if(\(make(.boolean, depth, &random)), \(first), \(second))"
        }
    }

    private mutating func integer(_ depth: Int, _ random: inout SeededRandom) -> String {
        let first = make(.integer, depth, &random)
        switch random.below(10) {
        case 0: return "(\(first) + \(make(.integer, depth, &random)))"
        case 1: return "(\(first) - \(make(.integer, depth, &random)))"
        case 2: return "(\(first) * \(1 + random.below(3)))"
        case 3: return "length(\(make(.string, depth, &random)))"
        case 4: return "(\(first) % \(1 + random.below(5)))"
        case 5:
            let part = random.pick(["hour", "minute", "dow", "day", "month", "year", "week", "doy"])
            return "date_part('\(part)', \(make(.timestamp, depth, &random)))"
        case 6: return "abs(\(first))"
        case 7:
            return "position('\(random.pick(["a", "/", "ä"]))' IN \(make(.string, depth, &random)))"
        case 8:
            guard failing else { return "greatest(\(first), \(make(.integer, depth, &random)))" }
            hasFailing = true
            return "intDiv(\(first), \(make(.integer, depth, &random)) % 3)"
        default: return "least(\(first), 3)"
        }
    }

    private mutating func float(_ depth: Int, _ random: inout SeededRandom) -> String {
        let first = make(.float, depth, &random)
        switch random.below(7) {
        case 0: return "(\(first) + \(make(.integer, depth, &random)))"
        case 1: return "(\(first) - \(make(.float, depth, &random)))"
        case 2: return "(\(make(.integer, depth, &random)) / \(random.pick([2, 4, 8])))"
        case 3: return "floor(\(first))"
        case 4: return "abs(\(first))"
        case 5:
            guard failing else { return "(\(first) * 0.5)" }
            hasFailing = true
            return "(\(first) / \(make(.integer, depth, &random)))"
        default: return "CAST(\(make(.integer, depth, &random)) AS Float64)"
        }
    }

    private mutating func string(_ depth: Int, _ random: inout SeededRandom) -> String {
        let first = make(.string, depth, &random)
        switch random.below(10) {
        case 0: return "lower(\(first))"
        case 1: return "upper(\(first))"
        case 2: return "(\(first) || \(make(.string, depth, &random)))"
        case 3: return "substring(\(first), \(1 + random.below(3)), \(random.below(4)))"
        case 4: return "replace(\(first), 'a', '\(random.pick(["", "xy", "ß"]))')"
        case 5: return "left(\(first), \(random.below(4)))"
        case 6: return "CAST(\(make(.integer, depth, &random)) AS String)"
        case 7: return "reverse(\(first))"
        case 8: return "split_part(\(first), '/', 2)"
        default: return "trim(\(first))"
        }
    }

    private mutating func boolean(_ depth: Int, _ random: inout SeededRandom) -> String {
        let type = random.pick(Self.types)
        let first = make(type, depth, &random)
        let comparison = random.pick(["=", "<>", "<", "<=", ">", ">="])
        switch random.below(12) {
        case 0...2: return "(\(first) \(comparison) \(leaf(type, &random)))"
        case 3:
            return "(\(make(.boolean, depth, &random)) AND \(make(.boolean, depth, &random)))"
        case 4: return "(\(make(.boolean, depth, &random)) OR \(make(.boolean, depth, &random)))"
        case 5: return "(NOT \(make(.boolean, depth, &random)))"
        case 6: return "(\(first) IS \(random.pick(["NULL", "NOT NULL"])))"
        case 7:
            let list = (0..<1 + random.below(4)).map { _ in literal(type, &random) }
            let word = random.pick(["IN", "NOT IN"])
            return "(\(first) \(word) (\(list.joined(separator: ", "))))"
        case 8:
            let (lower, upper) = (leaf(type, &random), leaf(type, &random))
            return "(\(first) BETWEEN \(lower) AND \(upper))"
        case 9:
            let pattern = random.pick(["%a%", "a%", "_", "%", "100\\%%", "%ä", "/p/_", "A%"])
            let word = random.pick(["LIKE", "NOT LIKE", "ILIKE"])
            return "(\(make(.string, depth, &random)) \(word) '\(pattern)')"
        case 10:
            let word = random.pick(["IS DISTINCT FROM", "IS NOT DISTINCT FROM"])
            return "(\(first) \(word) \(leaf(type, &random)))"
        default:
            return
                "match(\(make(.string, depth, &random)), '\(random.pick(["^a", "[0-9]", "é$"]))')"
        }
    }

    private func literal(_ type: DataType, _ random: inout SeededRandom) -> String {
        if random.chance(0.08) { return "NULL" }
        var constants = SelectExpressions(columns: [], failing: false)
        return constants.leaf(type, &random)
    }

    private mutating func timestamp(_ depth: Int, _ random: inout SeededRandom) -> String {
        let first = make(.timestamp, depth, &random)
        switch random.below(3) {
        case 0:
            let unit = random.pick(["minute", "hour", "day", "week", "month", "quarter", "year"])
            let zone = random.chance(0.4) ? ", '\(random.pick(Self.zones))'" : ""
            return "date_trunc('\(unit)', \(first)\(zone))"
        case 1: return "(\(first) + INTERVAL '\(random.below(90))' MINUTE)"
        default: return "time_bucket(INTERVAL '\(random.pick([5, 15, 60, 7]))' MINUTE, \(first))"
        }
    }

    /// Starts of buckets of the time of events.
    static func starts(_ random: inout SeededRandom) -> SelectGenerator.Column {
        let zone = random.chance(0.5) ? ", '\(random.pick(zones))'" : ""
        let name = random.pick(["Minute", "Hour", "Day", "Week", "Month", "FiveMinutes"])
        let unit = random.pick(["minute", "hour", "day", "week", "month", "quarter", "year"])
        let count = random.pick([1, 2, 7, 15, 90])
        let text = random.pick([
            "date_trunc('\(unit)', timestamp\(zone))", "toStartOf\(name)(timestamp\(zone))",
            "time_bucket(INTERVAL '\(count)' MINUTE, timestamp)",
            "toStartOfInterval(timestamp, INTERVAL \(count) HOUR\(zone))",
        ])
        return SelectGenerator.Column(text: text, type: .timestamp)
    }
}

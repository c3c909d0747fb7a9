import Base
import Expressions
import Foundation
import Query

/// Random SELECTs over the columns that events have, which all bind.
struct SelectGenerator {
    /// A column as queries spell it.
    struct Column {
        var text: String
        var type: DataType
    }

    /// A query, and what may be expected of it.
    struct Made {
        var text: String
        var columns: [Column]
        /// Rows that are not equal have an order.
        var isOrdered = false
        /// Some expression may have no value: what is evaluated first decides.
        var canFail = false
        /// Floats are as near as rounding lets them be.
        var isInexact = false
        var level = 0
    }

    var random: SeededRandom
    private let events: [Column]
    private var canFail = false
    private var isInexact = false

    init(_ table: TableDescription, seed: UInt64) {
        random = SeededRandom(seed: seed)
        events = table.columns.filter { $0.type != .json }.map { column in
            let isPlain = column.name.allSatisfy { $0.isASCII && $0.isLetter }
            let isHidden = column.name.hasPrefix("properties.")
            let text = isPlain || isHidden ? column.name : "\"\(column.name)\""
            return Column(text: text, type: column.type)
        }
    }

    /// A query.
    mutating func make() -> Made {
        canFail = false
        isInexact = false
        var made: Made
        switch random.below(10) {
        case 0...1: made = rows(events, "events", 0)
        case 2...3: made = groups(events, "events", 0)
        case 4...5: made = rollupGroups()
        case 6: made = union()
        case 7: made = nested(random.chance(0.5) ? rollupGroups() : groups(events, "events", 0))
        case 8: made = windows()
        default: made = nested(rows(events, "events", 0))
        }
        made.canFail = canFail
        made.isInexact = isInexact
        if isInexact && made.isOrdered { made.isOrdered = false }
        return made
    }

    // MARK: Queries

    /// Rows, one by one.
    private mutating func rows(_ source: [Column], _ from: String, _ level: Int) -> Made {
        let items = (0..<1 + random.below(4)).map { _ in item(source) }
        let columns = named(items, level)
        let list = zip(items, columns).map { "\($0.text) AS \($1.text)" }
        let isDistinct = random.chance(0.2)
        var text = "SELECT \(isDistinct ? "DISTINCT " : "")\(list.joined(separator: ", "))"
        text += " FROM \(from)"
        if random.chance(0.6) {
            let scope = SelectExpressions(columns: source, failing: false)
            text += " WHERE \(condition(scope, 2))"
        }
        return ended(Made(text: text, columns: columns, level: level))
    }

    private mutating func item(_ source: [Column]) -> Column {
        var scope = SelectExpressions(columns: source, failing: random.chance(0.12))
        let type = random.pick(SelectExpressions.types)
        let text = scope.make(type, random.below(3), &random)
        canFail = canFail || scope.hasFailing
        return Column(text: text, type: type)
    }

    private func named(_ items: [Column], _ level: Int) -> [Column] {
        items.enumerated().map { Column(text: "c\(level)_\($0)", type: $1.type) }
    }

    private mutating func condition(_ scope: SelectExpressions, _ depth: Int) -> String {
        var scope = scope
        return scope.make(.boolean, depth, &random)
    }

    /// Orders by all columns, so that rows without order are equal, and cuts a page.
    private mutating func ended(_ made: Made) -> Made {
        var made = made
        guard !isInexact, random.chance(0.6) else { return made }
        var ordinals = Array(1...made.columns.count)
        ordinals.shuffle(using: &random)
        let keys = ordinals.map { number in
            let name = random.chance(0.5) ? "\(number)" : made.columns[number - 1].text
            return name + random.pick(["", " DESC", " ASC", " NULLS FIRST", " DESC NULLS LAST"])
        }
        made.text += " ORDER BY \(keys.joined(separator: ", "))"
        made.isOrdered = true
        if random.chance(0.5) { made.text += " LIMIT \(random.below(12))" }
        if random.chance(0.3) { made.text += " OFFSET \(random.below(6))" }
        return made
    }

    /// Aggregates of groups.
    private mutating func groups(_ source: [Column], _ from: String, _ level: Int) -> Made {
        let keys = (0..<random.below(3)).map { _ in item(source) }
        let aggregates = (0..<1 + random.below(3)).map { _ in aggregate(source) }
        var text = grouped(keys, aggregates, from, level, where: random.chance(0.5) ? source : [])
        let columns = named(keys + aggregates, level)
        if random.chance(0.3) {
            let index = random.below(aggregates.count)
            let name =
                random.chance(0.5) ? aggregates[index].text : "c\(level)_\(keys.count + index)"
            let having = Column(text: name, type: aggregates[index].type)
            if !isInexact {
                let scope = SelectExpressions(columns: [having], failing: false, isAggregate: true)
                text += " HAVING \(condition(scope, 1))"
            }
        }
        return ended(Made(text: text, columns: columns, level: level))
    }

    private mutating func grouped(
        _ keys: [Column], _ aggregates: [Column], _ from: String, _ level: Int,
        where source: [Column]
    ) -> String {
        let items = keys + aggregates
        let columns = named(items, level)
        let list = zip(items, columns).map { "\($0.text) AS \($1.text)" }
        var text = "SELECT \(list.joined(separator: ", ")) FROM \(from)"
        if !source.isEmpty {
            text += " WHERE \(condition(SelectExpressions(columns: source, failing: false), 2))"
        }
        guard !keys.isEmpty else { return text }
        // An integer is the number of a column.
        let isPlain = keys.allSatisfy { Int($0.text) == nil }
        switch random.below(isPlain ? 4 : 2) {
        case 0: text += " GROUP BY ALL"
        case 1: text += " GROUP BY \(keys.indices.map { "\($0 + 1)" }.joined(separator: ", "))"
        case 2: text += " GROUP BY \(keys.map(\.text).joined(separator: ", "))"
        default:
            text += " GROUP BY \(columns.prefix(keys.count).map(\.text).joined(separator: ", "))"
        }
        return text
    }

    private mutating func aggregate(_ source: [Column]) -> Column {
        var scope = SelectExpressions(columns: source, failing: false)
        func made(_ text: String, _ type: DataType) -> Column { Column(text: text, type: type) }
        let number: DataType = random.chance(0.5) ? .integer : .float
        let numeric = scope.make(number, random.below(2), &random)
        let type = random.pick(SelectExpressions.types)
        let any = scope.make(type, random.below(2), &random)
        let condition = scope.make(.boolean, 1, &random)
        switch random.below(16) {
        case 0: return made("count(*)", .integer)
        case 1: return made("count(\(any))", .integer)
        case 2: return made("count(DISTINCT \(any))", .integer)
        case 3: return made("sum(\(numeric))", number)
        case 4: return made("avg(\(numeric))", .float)
        case 5: return made("min(\(any))", type)
        case 6: return made("max(\(any))", type)
        case 7: return made("countIf(\(condition))", .integer)
        case 8: return made("sum(\(numeric)) FILTER (WHERE \(condition))", number)
        case 9: return made("argMin(\(any), \(numeric))", type)
        case 10: return made("argMax(\(any), \(numeric))", type)
        case 11: return made("bool_or(\(condition))", .boolean)
        case 12: return made("median(\(numeric))", .float)
        case 13:
            isInexact = true
            return made("\(random.pick(["stddev", "var_pop", "stddev_pop"]))(\(numeric))", .float)
        case 14:
            let text = scope.make(.string, 0, &random)
            return made("uniq(\(text))", .integer)
        default: return made("sum(DISTINCT \(numeric))", number)
        }
    }

    /// What a rollup may answer, nearly always.
    private mutating func rollupGroups() -> Made {
        let (type, names, people) = random.pick(Self.rollups)
        let dimensions = events.filter { names.contains($0.text) && $0.type == .string }
        var keys: [Column] = []
        while !dimensions.isEmpty, keys.count < 3, random.chance(0.5) {
            keys.append(random.pick(dimensions))
        }
        if random.chance(0.6) { keys.append(SelectExpressions.starts(&random)) }
        if random.chance(0.15), !dimensions.isEmpty { keys.append(item(dimensions)) }
        var aggregates = [Column(text: "count(*)", type: .integer)]
        if people, random.chance(0.7) {
            let text = random.pick([
                "uniq(coalesce(userId, sessionId))", "uniq(ifNull(userId, sessionId))",
                "approx_count_distinct(coalesce(userId, sessionId))",
            ])
            aggregates.insert(Column(text: text, type: .integer), at: random.below(2))
        }
        if random.chance(0.05) { aggregates.append(aggregate(events)) }
        var text = grouped(keys, aggregates, "events", 0, where: [])
        let conditions = rollupConditions(type, dimensions)
        if !conditions.isEmpty {
            let clause = " WHERE \(conditions.joined(separator: " AND "))"
            text.insert(
                contentsOf: clause,
                at: text.range(of: " GROUP BY")?.lowerBound ?? text.endIndex)
        }
        let columns = named(keys + aggregates, 0)
        if random.chance(0.3) { text += " HAVING count(*) > \(random.below(4))" }
        return ended(Made(text: text, columns: columns))
    }

    /// The event type of a rollup, its dimensions, and whether it counts people.
    private static let rollups: [(type: String?, dimensions: [String], people: Bool)] = [
        (nil, ["eventType"], false),
        ("page_view", ["page", "device", "browser", "country", "eventType"], false),
        ("page_view", ["page", "country"], true), ("page_view", ["page", "country"], true),
        ("click", ["page", "element"], false),
    ]

    private mutating func rollupConditions(
        _ type: String?, _ dimensions: [Column]
    ) -> [String] {
        var found: [String] = []
        if let type, random.chance(0.95) {
            found.append(
                random.pick([
                    "eventType = '\(type)'", "'\(type)' = eventType", "eventType IN ('\(type)')",
                ]))
        }
        let times = [
            "2026-01-10T00:05:00Z", "2026-01-10T12:00:00Z", "2025-10-26T01:00:00Z",
            "2025-11-02T06:00:00Z", "2026-01-01T00:00:00Z", "2026-01-11T00:00:00Z",
            "2026-01-11T00:00:30Z",
        ]
        while random.chance(0.35) {
            let time = random.pick(times)
            found.append(
                random.pick([
                    "timestamp >= '\(time)'", "timestamp < '\(time)'", "timestamp > '\(time)'",
                    "'\(time)' > timestamp", "timestamp BETWEEN '2025-10-26' AND '\(time)'",
                ]))
        }
        while !dimensions.isEmpty, random.chance(0.35) {
            let scope = SelectExpressions(columns: dimensions, failing: false)
            found.append("(\(condition(scope, 1)))")
        }
        return found
    }

    /// A query of another's rows.
    private mutating func nested(_ inner: Made) -> Made {
        let from = random.chance(0.7) ? "(\(inner.text)) AS q" : "q"
        var outer =
            random.chance(0.5) ? rows(inner.columns, from, 1) : groups(inner.columns, from, 1)
        if from == "q" { outer.text = "WITH q AS (\(inner.text)) \(outer.text)" }
        return outer
    }

    private mutating func union() -> Made {
        let types = (0..<1 + random.below(3)).map { _ in random.pick(SelectExpressions.types) }
        var texts: [String] = []
        var columns: [Column] = []
        for _ in 0..<2 + random.below(2) {
            var scope = SelectExpressions(columns: events, failing: false)
            let items = types.map { Column(text: scope.make($0, 1, &random), type: $0) }
            columns = named(items, 0)
            let list = zip(items, columns).map { "\($0.text) AS \($1.text)" }
            var text = "SELECT \(list.joined(separator: ", ")) FROM events"
            if random.chance(0.5) { text += " WHERE \(scope.make(.boolean, 1, &random))" }
            texts.append(text)
        }
        let made = Made(text: texts.joined(separator: " UNION ALL "), columns: columns)
        if random.chance(0.5) { return ended(made) }
        return nested(made)
    }

    /// Window functions, whose rows have one order.
    private mutating func windows() -> Made {
        var scope = SelectExpressions(columns: events, failing: false)
        var items = [Column(text: "eventId", type: .string)]
        for _ in 0..<1 + random.below(2) {
            let key = scope.make(random.pick(SelectExpressions.types), 0, &random)
            let partition = random.chance(0.6) ? "PARTITION BY \(key) " : ""
            let first = scope.make(random.pick(SelectExpressions.types), 0, &random)
            let order = "ORDER BY \(first)\(random.pick(["", " DESC"])), eventId"
            let frame = random.pick([
                "", "", " ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING",
                " ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING",
                " ROWS BETWEEN 1 FOLLOWING AND 3 FOLLOWING",
            ])
            let type = random.pick(SelectExpressions.types)
            let value = scope.make(type, 0, &random)
            let number = scope.make(.integer, 0, &random)
            let peers = random.chance(0.5) ? "(\(partition)ORDER BY \(first))" : "()"
            let made: (String, DataType) = random.pick([
                ("row_number() OVER (\(partition)\(order))", .integer),
                ("rank() OVER \(peers == "()" ? "(\(order))" : peers)", .integer),
                ("dense_rank() OVER \(peers == "()" ? "(\(order))" : peers)", .integer),
                ("lag(\(value)) OVER (\(partition)\(order))", type),
                ("lead(\(value), 2) OVER (\(partition)\(order))", type),
                ("ntile(3) OVER (\(partition)\(order))", .integer),
                ("first_value(\(value)) OVER (\(partition)\(order)\(frame))", type),
                ("last_value(\(value)) OVER (\(partition)\(order)\(frame))", type),
                ("sum(\(number)) OVER (\(partition)\(order)\(frame))", .integer),
                ("count(*) OVER \(peers)", .integer),
                ("max(\(value)) OVER (\(partition)\(order)\(frame))", type),
                ("sum(\(number)) OVER \(peers)", .integer),
            ])
            items.append(Column(text: made.0, type: made.1))
        }
        let columns = named(items, 0)
        let list = zip(items, columns).map { "\($0.text) AS \($1.text)" }
        var text = "SELECT \(list.joined(separator: ", ")) FROM events"
        if random.chance(0.3) { text += " WHERE \(scope.make(.boolean, 1, &random))" }
        return ended(Made(text: text, columns: columns))
    }
}

import Base
import Expressions

/// Random expressions over random columns, made of the signatures of the documentation, so that a
/// new function is tested as soon as it is documented.
struct RandomExpressions {
    var random: SeededRandom
    let columns: [DataType]
    init(random: SeededRandom, columns: [DataType]) {
        self.random = random
        self.columns = columns
    }

    private struct Slot: Sendable {
        /// Nil for any type.
        var type: DataType?
        var isConstant: Bool
        var isOptional: Bool
        var isRepeated: Bool
    }

    private struct Production: Sendable {
        var name: String
        var slots: [Slot]
        /// Nil for the type of the slots of any type.
        var result: DataType?
    }

    static let types: [DataType] = [.boolean, .integer, .float, .string, .timestamp, .date]

    private static let productions: [Production] = FunctionCatalog.documented.flatMap { function in
        // What the query's time makes of it the oracle does not know.
        ["now", "today", "yesterday", "typeof"].contains(function.name)
            ? [] : function.signatures.map { production(function.name, $0) }
    }

    private static func production(_ name: String, _ signature: String) -> Production {
        let parts = signature.dropFirst(name.count + 1).split(separator: ") → ")
        let list = parts.count == 2 ? parts[0].trimmingBrackets : ""
        var slots: [Slot] = []
        var isOptional = false
        for piece in list.split(separator: ",") {
            var word = String(piece.filter { $0 != " " && $0 != "]" })
            if word == "…" {
                slots[slots.count - 1].isRepeated = true
                continue
            }
            let opens = word.hasSuffix("[")
            if opens { word.removeLast() }
            let isConstant = word.hasPrefix("const")
            if isConstant { word.removeFirst("const".count) }
            slots.append(
                Slot(
                    type: type(word), isConstant: isConstant, isOptional: isOptional,
                    isRepeated: false))
            isOptional = isOptional || opens
        }
        return Production(name: name, slots: slots, result: type(String(parts.last ?? "")))
    }

    private static func type(_ name: String) -> DataType? {
        DataType.allCases.first { $0.name == name }
            ?? (name.hasPrefix("String") ? .string : nil)
    }

    /// An expression of that type; deeper ones are made of calls.
    mutating func expression(_ type: DataType, depth: Int) -> Expression {
        if depth == 0 || random.chance(0.1) { return leaf(type) }
        if random.chance(0.15), let special = special(type, depth) { return special }
        let fitting = Self.productions.filter { $0.result == type || $0.result == nil }
        guard let production = fitting.randomElement(using: &random) else { return leaf(type) }
        return call(production, type, depth) ?? leaf(type)
    }

    /// Whether a random call of that function could be bound.
    mutating func makesCall(of name: String) -> Bool {
        let productions = Self.productions.filter { $0.name == name }
        guard let production = productions.randomElement(using: &random) else { return false }
        let type = production.result ?? Self.types.randomElement(using: &random) ?? .integer
        return call(production, type, 1) != nil
    }

    private mutating func call(
        _ production: Production, _ type: DataType, _ depth: Int
    ) -> Expression? {
        let any = production.result == nil ? type : Self.types.randomElement(using: &random) ?? type
        var arguments: [Expression] = []
        for (index, slot) in production.slots.enumerated() {
            if slot.isOptional, random.chance(0.4) { break }
            for _ in 0..<(slot.isRepeated ? 1 + random.below(3) : 1) {
                let wanted = slot.type ?? any
                if slot.isConstant || wanted == .interval {
                    arguments.append(constant(production.name, index, wanted))
                } else {
                    arguments.append(expression(wanted, depth: depth - 1))
                }
            }
        }
        if production.name == "multiIf" {
            arguments = [
                expression(.boolean, depth: depth - 1), expression(any, depth: depth - 1),
                expression(.boolean, depth: depth - 1), expression(any, depth: depth - 1),
                expression(any, depth: depth - 1),
            ]
        }
        let bound = try? FunctionCatalog.bind(
            production.name, arguments, zones: testZones, now: 0)
        return bound?.type == type ? bound : nil
    }

    /// What has no name: CASE, IN and casts.
    private mutating func special(_ type: DataType, _ depth: Int) -> Expression? {
        switch random.below(3) {
        case 0:
            let branches = (0...random.below(3)).map { _ in
                (
                    condition: expression(.boolean, depth: depth - 1),
                    value: expression(type, depth: depth - 1)
                )
            }
            let otherwise = random.chance(0.5) ? expression(type, depth: depth - 1) : nil
            return try? FunctionCatalog.conditional(
                branches, otherwise: otherwise, zones: testZones)
        case 1 where type == .boolean:
            let inner = Self.types.randomElement(using: &random) ?? .integer
            let list = (0...random.below(8)).map { _ in
                random.chance(0.1) ? .constant(.null, .null) : leafConstant(inner)
            }
            return try? FunctionCatalog.oneOf(
                expression(inner, depth: depth - 1), list, zones: testZones)
        default:
            let from = Self.types.randomElement(using: &random) ?? .integer
            return try? FunctionCatalog.cast(
                expression(from, depth: depth - 1), to: type, isTry: random.chance(0.6),
                zones: testZones)
        }
    }

    private mutating func leaf(_ type: DataType) -> Expression {
        let fitting = columns.indices.filter { columns[$0] == type }
        if let column = fitting.randomElement(using: &random), random.chance(0.7) {
            return .column(column, type)
        }
        return random.chance(0.05) ? .constant(.null, type) : leafConstant(type)
    }

    private mutating func leafConstant(_ type: DataType) -> Expression {
        .constant(randomValue(type, &random), type)
    }

    // MARK: Constants that a function understands

    private static let patterns = [
        "a", "[a-c]+", "^/", "a|b", "(a)(b)?", "b*", "[0-9]+$", "a{2}", "/([a-z]+)", "é",
    ]

    private mutating func constant(_ name: String, _ index: Int, _ type: DataType) -> Expression {
        let text: String
        switch (name, index, type) {
        case (_, _, .interval): return interval()
        case (_, _, .integer): return .constant(.integer(Int64(random.below(3))), .integer)
        case (_, _, .timestamp): return leafConstant(.timestamp)
        case ("date_part", 0, _):
            text = pick(
                ["year", "quarter", "MONTH", "week", "isoyear", "dow", "isodow", "doy"]
                    + ["day", "hour", "minute", "second", "millisecond", "epoch"])
        case (_, 0, _): text = pick(CalendarUnit.allCases.map(\.rawValue) + ["Days", "weeks"])
        case ("like", 1, _), ("ilike", 1, _):
            text = (0..<random.below(7)).map { _ in pick(["%", "_", "a", "b", "A", "/", "é"]) }
                .joined()
        case ("like", 2, _), ("ilike", 2, _): text = "!"
        case ("strftime", 1, _):
            text = pick([
                "%Y-%m-%d %H:%M:%S", "%e.%y %j %f %I%p", "%a %A %b %B %u%w %V %G", "%F %T%z",
            ])
        case ("formatDateTime", 1, _): text = pick(["%Y-%m-%d %H:%i:%S", "%M %h%p", "%D %R %s %%"])
        case ("match", 1, _), ("extractGroup", 1, _), ("extract", 1, _), ("regexp_extract", 1, _),
            ("regexp_replace", 1, _), ("replaceRegexpOne", 1, _), ("replaceRegexpAll", 1, _):
            text = pick(Self.patterns)
        case ("regexp_replace", 2, _), ("replaceRegexpOne", 2, _), ("replaceRegexpAll", 2, _):
            text = pick(["", "-", "\\1", "<\\0>"])
        case ("regexp_replace", 3, _): text = pick(["g", ""])
        case (_, _, .string) where name.hasPrefix("json"): text = pick(["a", "b"])
        default: text = pick(zoneNames + ["UTC"])
        }
        return .constant(.string(text), .string)
    }

    private mutating func interval() -> Expression {
        let unit = CalendarUnit.allCases.randomElement(using: &random) ?? .day
        let value = unit.interval(Int64(1 + random.below(40)))
        return .constant(value ?? .interval(months: 1, milliseconds: 0), .interval)
    }

    private mutating func pick(_ words: [String]) -> String {
        words.randomElement(using: &random) ?? ""
    }
}

extension Substring {
    /// Without the brackets that close optional parameters.
    var trimmingBrackets: Substring {
        var text = self
        while text.hasSuffix("]") { text.removeLast() }
        return text
    }
}

private let texts = [
    "", "a", "b", "ab", "abba", "A", "Äé", "é", "/a/b", "/checkout?a=1&b=é#x", "75", "-3", "2.5",
    "true", "nan", "https://www.a.example:80/b?a=b", "2026-01-10", "2026-03-29T01:30:00.5Z", " a ",
    "[1,\"a\",2.5]", "{\"a\":{\"b\":7},\"b\":null}", "a%20b", "1e3", "ǅx", "bab", "aab",
]

/// A value of a type, NULL left aside.
func randomValue(_ type: DataType, _ random: inout SeededRandom) -> Value {
    switch type {
    case .boolean: return .boolean(Bool.random(using: &random))
    case .integer:
        let extremes: [Int64] = [.min, .max, .min + 1, 1 << 53, -1, 0]
        if random.chance(0.1) { return .integer(extremes.randomElement(using: &random) ?? 0) }
        return .integer(Int64.random(in: -9...40, using: &random))
    case .float:
        let special: [Double] = [.nan, .infinity, -.infinity, -0.0, 0, 1e300, 0x1p63, 75, -.nan]
        if random.chance(0.2) { return .float(special.randomElement(using: &random) ?? 0) }
        return .float(Double(Int.random(in: -400...400, using: &random)) / 16)
    case .string, .null: return .string(texts.randomElement(using: &random) ?? "")
    case .json:
        return .string(["[1,\"a\"]", "[]", "{\"a\":1}"].randomElement(using: &random) ?? "")
    case .timestamp:
        if random.chance(0.1) {
            return .timestamp(Int64.random(in: -62_167_219_200_000...0, using: &random))
        }
        // Around the changes of clocks of 2026 at times.
        let near: [Int64] = [
            1_774_745_999_999, 1_792_890_000_000, 1_772_953_200_000, 1_775_314_800_000,
        ]
        if random.chance(0.4) {
            return .timestamp(
                (near.randomElement(using: &random) ?? 0)
                    + Int64.random(in: -9_000_000...9_000_000, using: &random))
        }
        return .timestamp(Int64.random(in: 0...2_000_000_000_000, using: &random))
    case .date: return .date(Int64.random(in: -1_000...30_000, using: &random))
    case .state, .interval: fatalError("a random \(type)")
    }
}

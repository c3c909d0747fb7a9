import Base
import Events
import Expressions

/// A JSON value as a tree, which tests write as text and evaluate the slow, plain way.
indirect enum JSONTree {
    case null
    case boolean(Bool)
    case integer(Int64)
    case float(Double)
    case string(String)
    case array([JSONTree])
    case object([(key: String, value: JSONTree)])

    /// The text without white space, escaped no more than needed.
    var text: String {
        switch self {
        case .null: "null"
        case .boolean(let bit): "\(bit)"
        case .integer(let number): "\(number)"
        case .float(let number): "\(number)"
        case .string(let string): JSONTree.quoted(string)
        case .array(let items): "[" + items.map(\.text).joined(separator: ",") + "]"
        case .object(let members):
            "{"
                + members.map { JSONTree.quoted($0.key) + ":" + $0.value.text }
                .joined(separator: ",") + "}"
        }
    }

    static func quoted(_ string: String) -> String {
        var result = "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20:
                let hex = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

/// A value of a property as a test expects or finds it.
enum PlainValue: Hashable {
    case string(String)
    case integer(Int64)
    case float(Double)
    case boolean(Bool)
    case json(String)
}

/// One event as a test expects or finds it.
struct PlainEvent: Equatable {
    var eventId: String?
    var eventType: String
    var userId: String?
    var sessionId: String?
    var timestamp: Milliseconds
    var properties: [String: PlainValue]
}

/// Evaluates an event's tree by the rules of the design, value by value.
struct PlainEvaluation {
    /// The values by flattened name: those at the top of the event, and those of `properties`.
    private var values: [[String: PlainValue?]] = [[:], [:]]
    private var fields: [String: JSONTree] = [:]
    private var hasTwoOfOneName = false

    /// The event as it should be found, or nil where it has two values for one name.
    static func evaluate(_ tree: JSONTree, receivedAt: Milliseconds) -> PlainEvent? {
        guard case .object(let members) = tree else { return nil }
        var evaluation = PlainEvaluation()
        evaluation.lookForEqualKeys(members)
        let fieldNames = ["eventId", "eventType", "userId", "sessionId", "timestamp"]
        for (key, value) in members {
            if key == "properties" {
                if case .object(let properties) = value {
                    evaluation.lookForEqualKeys(properties)
                    for (name, property) in properties { evaluation.add(name, property, rank: 1) }
                }
            } else if fieldNames.contains(key) {
                evaluation.fields[key] = value
            } else {
                evaluation.add(key, value, rank: 0)
            }
        }
        if evaluation.hasTwoOfOneName { return nil }
        guard case .string(let type)? = evaluation.fields["eventType"] else { return nil }
        var time = receivedAt
        if case .integer(let milliseconds)? = evaluation.fields["timestamp"] { time = milliseconds }
        return PlainEvent(
            eventId: evaluation.id("eventId"), eventType: type, userId: evaluation.id("userId"),
            sessionId: evaluation.id("sessionId"), timestamp: time,
            properties: evaluation.values[0].merging(evaluation.values[1]) { $1 }
                .compactMapValues { $0 })
    }

    private func id(_ name: String) -> String? {
        switch fields[name] {
        case .string(let text): text.isEmpty ? nil : text
        case .integer(let number): "\(number)"
        default: nil
        }
    }

    private mutating func lookForEqualKeys(_ members: [(key: String, value: JSONTree)]) {
        if Set(members.map(\.key)).count < members.count { hasTwoOfOneName = true }
    }

    private mutating func add(_ name: String, _ tree: JSONTree, rank: Int) {
        let value: PlainValue?
        switch tree {
        case .null: value = nil
        case .boolean(let bit): value = .boolean(bit)
        case .integer(let number): value = .integer(number)
        case .float(let number): value = .float(number)
        case .string(let text): value = .string(text)
        case .array: value = .json(tree.text)
        case .object(let members):
            lookForEqualKeys(members)
            for (key, member) in members { add(name + "." + key, member, rank: rank) }
            return
        }
        if values[rank].updateValue(value, forKey: name) != nil { hasTwoOfOneName = true }
    }
}

/// The rows of a block, one by one, with nil for assigned ids.
func plainEvents(_ block: EventBlock) -> [PlainEvent] {
    func text(_ column: CodedColumn, _ row: Int) -> String? {
        column.codes[row] == 0 ? nil : column.dictionary[Int(column.codes[row]) - 1]
    }
    var events = (0..<block.count).map { row in
        PlainEvent(
            eventId: block.assigned[row] ? nil : block.eventIds[row],
            eventType: text(block.eventType, row) ?? "", userId: text(block.userId, row),
            sessionId: text(block.sessionId, row), timestamp: block.timestamps[row],
            properties: [:])
    }
    for column in block.properties {
        for (index, row) in column.rows.enumerated() {
            let value: PlainValue =
                switch column.values {
                case .codes(let codes, let dictionary):
                    column.type == .json
                        ? .json(dictionary[Int(codes[index]) - 1])
                        : .string(dictionary[Int(codes[index]) - 1])
                case .integers(let numbers): .integer(numbers[index])
                case .floats(let numbers): .float(numbers[index])
                case .booleans(let bits): .boolean(bits[index])
                }
            // Two values under one name in one row would be a lie: show it.
            let isTaken = events[Int(row)].properties[column.name] != nil
            events[Int(row)].properties[column.name] = isTaken ? .string("two values") : value
        }
    }
    return events
}

/// Makes random events with many shapes: nesting, all types, odd strings; some repeat a key.
struct RandomEvents {
    var generator: SeededRandom
    var nextId = 0

    init(seed: UInt64) { generator = SeededRandom(seed: seed) }

    private static let keys = [
        "page", "device", "a", "b", "a.b", "", "längliche Schlüssel 🗝", "x\"y", "count",
        "a key of more than sixteen bytes", "another key of more than sixteen bytes", "eventTyp",
    ]

    /// An event that does not have two values for one name.
    mutating func validEvent() -> JSONTree {
        while true {
            let tree = event()
            if PlainEvaluation.evaluate(tree, receivedAt: receipt) != nil { return tree }
        }
    }

    mutating func event() -> JSONTree {
        var members: [(key: String, value: JSONTree)] = []
        nextId += 1
        if generator.below(4) > 0 { members.append(("eventId", .string("id-\(nextId)"))) }
        if generator.below(40) == 0 { members.append(("eventType", .string("once more"))) }
        members.append(
            ("eventType", .string(["page_view", "click", "t\u{0}"][generator.below(3)])))
        if generator.below(2) == 0 { members.append(("userId", id())) }
        if generator.below(2) == 0 { members.append(("sessionId", id())) }
        if generator.below(2) == 0 {
            members.append(("timestamp", .integer(receipt - Int64(generator.below(1_000_000)))))
        }
        members += self.members(below: 6, depth: 0)
        for _ in 0..<(generator.below(20) == 0 ? 2 : generator.below(2)) {
            let properties = self.members(below: 6, depth: 0)
            members.append(("properties", generator.below(9) == 0 ? .null : .object(properties)))
        }
        if generator.below(2) == 0 { members.shuffle(using: &generator) }
        return .object(members)
    }

    /// Members of an object, hardly ever two of one key.
    private mutating func members(
        below count: Int, depth: Int
    ) -> [(key: String, value: JSONTree)] {
        var taken: Set<String> = []
        return (0..<generator.below(count)).compactMap { _ in
            let key = Self.keys[generator.below(Self.keys.count)]
            let isNew = taken.insert(key).inserted
            return isNew || generator.below(20) == 0 ? (key, value(depth: depth)) : nil
        }
    }

    private mutating func id() -> JSONTree {
        switch generator.below(4) {
        case 0: .integer(Int64(generator.below(1_000)) - 500)
        case 1: .string("")
        case 2: .null
        default: .string("user-\(generator.below(30))")
        }
    }

    private mutating func string() -> String {
        switch generator.below(6) {
        case 0: ""
        case 1: "\u{0}\u{1f} \\ \" / \n\t\r\u{8}"
        case 2: "Größe 🦆 \(generator.below(3))"
        case 3: String(repeating: "long ", count: generator.below(50))
        default: "/page/\(generator.below(40))"
        }
    }

    private mutating func value(depth: Int) -> JSONTree {
        switch generator.below(depth > 4 ? 6 : 9) {
        case 0: .null
        case 1: .boolean(generator.below(2) == 0)
        case 2: .integer([0, -1, 75, .max, .min, 1 << 40][generator.below(6)])
        case 3: .float([0.5, -0.25, 1e300, 2.5e-308, 123456.789, 1e22][generator.below(6)])
        case 4, 5: .string(string())
        case 6: .array((0..<generator.below(4)).map { _ in arrayItem(depth: depth + 1) })
        default: .object(members(below: 4, depth: depth + 1))
        }
    }

    private mutating func arrayItem(depth: Int) -> JSONTree {
        let item = value(depth: depth)
        // Floats have several right texts; these have one.
        if case .float = item { return .float(0.5) }
        guard case .object(let members) = item else { return item }
        return .object(members.map { ($0.key, .string("in \($0.key)")) })
    }
}

import Base
import Expressions
import Query

/// Random events, and the rows that they are: other properties of other types with every seed.
struct SelectEvents {
    /// A value that an event has under a name.
    enum Property {
        case integer(Int64)
        case float(Double)
        case string(String)
        case boolean(Bool)

        /// As it stands in JSON.
        var json: String {
            switch self {
            case .integer(let number): "\(number)"
            case .float(let number): "\(number)"
            case .boolean(let truth): "\(truth)"
            case .string(let text): SelectEvents.quoted(text)
            }
        }
    }

    /// What the values of a property are.
    private enum Kind: CaseIterable {
        case integers, floats, numbers, booleans, strings, mixed
    }

    private struct Event {
        var fields: [String: Value] = [:]
        var properties: [String: Property] = [:]
    }

    /// As they are sent.
    private(set) var lines: [String] = []
    private var events: [Event] = []
    private var seen: Set<String> = []
    private var eventTimeMax = Milliseconds.min
    private var watermark = Milliseconds.min
    private let kinds: [(name: String, kind: Kind)]
    private let variety: Int
    private let start: Milliseconds
    private let span: Milliseconds

    static let texts = [
        "a", "b", "A", "", "ä", "100%_x", "日本", "it's", "/p/1", "/p/2?q=1", "NULL", "7", "2.5",
        "two words", "\\", "z\"z", "été",
    ]
    static let names = [
        "page", "device", "browser", "country", "element", "n", "amount", "price", "ok",
        "odd name", "Ünï", "userId",
    ]
    private static let starts: [Milliseconds] = [
        1_768_003_200_000,  // 2026-01-10
        1_761_436_800_000,  // 2025-10-26, when clocks change in Europe
        1_762_041_600_000,  // 2025-11-02, when they do in America
        1_767_139_200_000,  // 2025-12-31
    ]

    init(_ random: inout SeededRandom) {
        let count = random.chance(0.07) ? 0 : 1 + random.below(random.chance(0.5) ? 12 : 70)
        variety = 1 + random.below(Self.texts.count)
        start = Self.starts[random.below(Self.starts.count)]
        span = [60_000, 3_600_000, 86_400_000, 3 * 86_400_000][random.below(4)]
        kinds = Self.names.enumerated().compactMap { index, name in
            guard random.chance(0.7) else { return nil }
            let isDimension = index < 5 && random.chance(0.85)
            let kind = isDimension ? .strings : Kind.allCases[random.below(6)]
            return (name, kind)
        }
        let isOrdered = random.chance(0.5)
        for index in 0..<count {
            let share = isOrdered ? Double(index) / Double(count) : random.unit()
            add(Milliseconds(Double(span) * share), &random)
        }
    }

    private mutating func add(_ offset: Milliseconds, _ random: inout SeededRandom) {
        var event = Event()
        var time = start + offset
        if random.chance(0.3) { time -= time % 60_000 }
        let isRepeated = !events.isEmpty && random.chance(0.06)
        let id = isRepeated ? "e\(1 + random.below(events.count))" : "e\(events.count + 1)"
        let type = ["page_view", "page_view", "click", "purchase", "ü x"][random.below(5)]
        let user = random.chance(0.7) ? "u\(random.below(variety))" : nil
        let session = random.chance(0.7) ? "s\(random.below(variety * 2))" : nil
        var members = [
            "\"eventId\":\"\(id)\"", "\"eventType\":\"\(type)\"", "\"timestamp\":\(time)",
        ]
        if let user { members.append("\"userId\":\"\(user)\"") }
        if let session { members.append("\"sessionId\":\"\(session)\"") }
        var properties: [String] = []
        for (name, kind) in kinds {
            if random.chance(0.2) {
                if random.chance(0.5) { properties.append("\(Self.quoted(name)):null") }
                continue
            }
            let value = value(kind, &random)
            event.properties[name] = value
            properties.append("\(Self.quoted(name)):\(value.json)")
        }
        members.append("\"properties\":{\(properties.joined(separator: ","))}")
        lines.append("{\(members.joined(separator: ","))}")
        // A repeated id is the same event.
        guard seen.insert(id).inserted else { return }
        eventTimeMax = max(eventTimeMax, time)
        watermark = max(watermark, min(SelectHarness.now, eventTimeMax) - 60_000)
        event.fields = [
            "eventId": .string(id), "eventType": .string(type),
            "userId": user.map(Value.string) ?? .null,
            "sessionId": session.map(Value.string) ?? .null, "timestamp": .timestamp(time),
            "receivedAt": .timestamp(SelectHarness.now),
            "late": .boolean(time - time % 60_000 + 60_000 <= watermark),
        ]
        events.append(event)
    }

    private func value(_ kind: Kind, _ random: inout SeededRandom) -> Property {
        switch kind {
        case .integers: return .integer(Int64(random.below(variety * 3)) - 5)
        case .floats: return .float(Double(random.below(variety * 2)) + 0.25)
        case .numbers: return value(random.chance(0.5) ? .integers : .floats, &random)
        case .booleans: return .boolean(random.chance(0.5))
        case .strings: return .string(Self.texts[random.below(variety)])
        case .mixed:
            let kinds: [Kind] = [.integers, .floats, .booleans, .strings]
            return value(kinds[random.below(4)], &random)
        }
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined() + "\""
    }

    /// The rows of a scan, as the plan asks for their columns.
    func rows(_ scan: TableScan) -> [[Value]] {
        precondition(scan.table == "events" && scan.beyond == nil, "\(scan)")
        return events.map { event in scan.columns.map { Self.value(event, $0) } }
    }

    private static func value(_ event: Event, _ column: TableScan.Column) -> Value {
        if let value = event.fields[column.name] { return value }
        let prefix = "properties."
        let name =
            column.name.hasPrefix(prefix)
            ? String(column.name.dropFirst(prefix.count)) : column.name
        switch (event.properties[name], column.type) {
        case (.integer(let number), .integer): return .integer(number)
        case (.integer(let number), .float): return .float(Double(number))
        case (.integer(let number), .string): return .string("\(number)")
        case (.float(let number), .float): return .float(number)
        case (.float(let number), .string): return .string("\(number)")
        case (.boolean(let truth), .boolean): return .boolean(truth)
        case (.boolean(let truth), .string): return .string("\(truth)")
        case (.string(let text), .string): return .string(text)
        default: return .null
        }
    }
}

extension SeededRandom {
    /// A number from 0 up to 1.
    mutating func unit() -> Double { Double(below(1 << 30)) / Double(1 << 30) }

    /// One of some things.
    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[below(elements.count)]
    }
}

import Base
import Events
import Expressions

/// A value of a property as a test writes it.
enum TestValue: Hashable {
    case string(String)
    case integer(Int64)
    case float(Double)
    case boolean(Bool)
    case json(String)

    var type: ValueType {
        switch self {
        case .string: .string
        case .integer: .integer
        case .float: .float
        case .boolean: .boolean
        case .json: .json
        }
    }

    /// The value as a dimension reads it.
    var text: String {
        switch self {
        case .string(let text), .json(let text): text
        case .integer(let number): String(number)
        case .float(let number): "\(number)"
        case .boolean(let bit): bit ? "true" : "false"
        }
    }
}

/// An event as a test writes it, row by row.
struct TestEvent {
    /// Nil where the server assigns one.
    var id: String?
    var type = "page_view"
    var user: String?
    var session: String?
    var timestamp: Milliseconds
    var properties: [String: TestValue] = [:]

    /// The block of the events.
    ///
    /// Assigned ids are unique within `number`.
    static func block(
        _ events: [TestEvent], receivedAt: Milliseconds, number: UInt64
    ) -> EventBlock {
        let ids = events.enumerated().map { $1.id ?? "assigned-\(number)-\($0)" }
        var assigned = Bitmap(count: events.count)
        for (row, event) in events.enumerated() { assigned[row] = event.id == nil }
        var columns: [PropertyColumn] = []
        for name in Set(events.flatMap(\.properties.keys)).sorted() {
            for type in ValueType.allCases {
                let rows = events.indices.filter { events[$0].properties[name]?.type == type }
                if rows.isEmpty { continue }
                columns.append(
                    PropertyColumn(
                        name: name, type: type, rows: rows.map(UInt32.init),
                        values: values(rows.compactMap { events[$0].properties[name] }, type)))
            }
        }
        return EventBlock(
            receivedAt: receivedAt, eventIds: StringTable(ids), assigned: assigned,
            eventType: coded(events.map(\.type)), userId: coded(events.map(\.user)),
            sessionId: coded(events.map(\.session)), timestamps: events.map(\.timestamp),
            skewedCount: 0, properties: columns)
    }

    private static func values(_ values: [TestValue], _ type: ValueType) -> PropertyColumn.Values {
        switch type {
        case .integer:
            return .integers(values.map { if case .integer(let number) = $0 { number } else { 0 } })
        case .float:
            return .floats(values.map { if case .float(let number) = $0 { number } else { 0 } })
        case .boolean: return .booleans(values.map { $0 == .boolean(true) })
        default:
            let column = coded(values.map(\.text))
            return .codes(column.codes, dictionary: column.dictionary)
        }
    }

    private static func coded(_ strings: [String?]) -> CodedColumn {
        var codes: [UInt32] = []
        var known: [String: UInt32] = [:]
        var dictionary = StringTable()
        for string in strings {
            guard let string else {
                codes.append(0)
                continue
            }
            if known[string] == nil {
                dictionary.append(string)
                known[string] = UInt32(dictionary.count)
            }
            codes.append(known[string] ?? 0)
        }
        return CodedColumn(codes: codes, dictionary: dictionary)
    }
}

/// A block as the log holds it.
struct TestBlock {
    var events: [TestEvent]
    var receivedAt: Milliseconds
    var block: EventBlock

    init(_ events: [TestEvent], receivedAt: Milliseconds, number: UInt64) {
        self.events = events
        self.receivedAt = receivedAt
        block = TestEvent.block(events, receivedAt: receivedAt, number: number)
    }

    /// The start of the hours that tests play in: 2026-01-10T10:00:00Z.
    static let startTime: Milliseconds = 1_768_039_200_000

    /// Blocks of random events: late ones, duplicates, absent and numeric dimensions, some without
    /// a user.
    static func random(
        count: Int, rowsMax: Int, _ random: inout SeededRandom
    ) -> [TestBlock] {
        var time = startTime
        var idCount = 0
        return (0..<count).map { number in
            time += Milliseconds(random.int(0..<40_000))
            let events = (0..<random.int(1..<rowsMax + 1)).map { _ in
                event(at: time, &idCount, &random)
            }
            return TestBlock(events, receivedAt: time, number: UInt64(number))
        }
    }

    private static func event(
        at time: Milliseconds, _ idCount: inout Int, _ random: inout SeededRandom
    ) -> TestEvent {
        var event = TestEvent(timestamp: time - Milliseconds(random.int(0..<20_000)))
        if random.oneIn(4) { event.timestamp -= Milliseconds(random.int(0..<400_000)) }
        if random.oneIn(9) { event.timestamp += Milliseconds(random.int(0..<200_000)) }
        if !random.oneIn(8) {
            if idCount == 0 || !random.oneIn(5) { idCount += 1 }
            event.id = "event-\(random.oneIn(4) ? random.int(0..<idCount) : idCount - 1)"
        }
        event.type = ["page_view", "page_view", "click", "scroll"][random.int(0..<4)]
        if !random.oneIn(3) { event.user = "user-\(random.int(0..<9))" }
        if !random.oneIn(3) { event.session = "user-\(random.int(0..<12))" }
        let values: [TestValue?] = [
            .string("/home"), .string("/a"), .string("75"), .integer(75), .integer(-3),
            .float(0.25), .float(1e300), .boolean(true), .json("[1,2]"), .string(""), nil,
        ]
        for name in ["page", "device", "browser", "country", "element", "other"] {
            event.properties[name] = values[random.int(0..<values.count)]
        }
        return event
    }
}

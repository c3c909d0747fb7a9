internal import Base
internal import Events

/// An event of the scenario, as its client sends it.
struct SentEvent: Sendable {
    var id: String
    var isView: Bool
    var page: String?
    var device: String?
    var user: String?
    var session: String?
    var depth: Int64?
    var time: Milliseconds

    /// A line of NDJSON.
    var text: String {
        var members = [
            "\"eventId\":\"\(id)\"", "\"eventType\":\"\(isView ? "view" : "click")\"",
            "\"timestamp\":\(time)",
        ]
        if let user { members.append("\"userId\":\"\(user)\"") }
        if let session { members.append("\"sessionId\":\"\(session)\"") }
        var properties: [String] = []
        if let page { properties.append("\"page\":\"\(page)\"") }
        if let device { properties.append("\"device\":\"\(device)\"") }
        if let depth { properties.append("\"depth\":\(depth)") }
        members.append("\"properties\":{\(properties.joined(separator: ","))}")
        return "{\(members.joined(separator: ","))}"
    }

    /// The row that the event is in the table of events.
    func row(receivedAt: Milliseconds, isLate: Bool) -> UInt64 {
        var row = RowHash()
        row.add("eventId", id)
        row.add("eventType", isView ? "view" : "click")
        row.add("userId", user)
        row.add("sessionId", session)
        row.add("timestamp", time)
        row.add("receivedAt", receivedAt)
        row.add("late", isLate ? 1 : 0)
        row.add("properties.page", page)
        row.add("properties.device", device)
        row.add("properties.depth", depth)
        return row.value
    }
}

/// The hash of a row: the sum of those of its values, so that their order does not matter.
struct RowHash {
    private(set) var value: UInt64 = 0

    static func component(_ name: UInt64, _ value: UInt64) -> UInt64 {
        hash64(name ^ (value &* 0x9E37_79B9_7F4A_7C15))
    }

    mutating func add(component: UInt64) { value &+= component }

    mutating func add(_ name: String, _ text: String?) {
        guard let text else { return }
        value &+= Self.component(hash64(name), hash64(text))
    }

    mutating func add(_ name: String, _ number: Int64?) {
        guard let number else { return }
        value &+= Self.component(hash64(name), UInt64(bitPattern: number))
    }
}

/// A block on its way through log and stream, with the events that are in it.
struct SentBlock: Sendable {
    /// Counts the blocks of a scenario.
    var number: Int
    var events: [SentEvent]
    var receivedAt: Milliseconds
    var block: EventBlock
}

/// Makes blocks: new events, late ones and repeated ones, over a few days.
struct Traffic: ~Copyable {
    /// An event is repeated within this time at most, which the dedup window covers.
    static let repeatedWithin: Milliseconds = 480_000

    private static let pages = ["/", "/cart", "/checkout", "/p/1"]
    private static let devices = ["mobile", "desktop"]

    private let prefix: String
    private var builder: EventBlockBuilder
    private var idCount = 0
    private var blockCount = 0
    private var recent: [(event: SentEvent, receivedAt: Milliseconds)] = []
    private var receivedAt: Milliseconds

    /// `after`: how much later than usual its first block is received.
    init(prefix: String, after delay: Milliseconds = 0, _ random: inout SeededRandom) {
        self.prefix = prefix
        var limits = EventLimits()
        limits.ageMax = nil
        builder = EventBlockBuilder(limits: limits)
        // Near midnight, so that events lie in two days.
        receivedAt = 1_767_657_600_000 - Milliseconds.random(in: 0..<600_000, using: &random)
        receivedAt += delay
    }

    /// The next block, of one to four events.
    mutating func block(_ random: inout SeededRandom) -> SentBlock {
        receivedAt += Milliseconds.random(in: 1..<30_000, using: &random)
        if random.chance(0.1) { receivedAt += 300_000 }
        recent.removeAll { $0.receivedAt < receivedAt - Self.repeatedWithin }
        var events: [SentEvent] = []
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            if random.chance(0.12), let old = recent.randomElement(using: &random) {
                events.append(old.event)
            } else {
                events.append(event(&random))
            }
        }
        recent += events.map { ($0, receivedAt) }
        return block(of: events)
    }

    private mutating func block(of events: [SentEvent]) -> SentBlock {
        let body = Array(events.map(\.text).joined(separator: "\n").utf8)
        guard
            let outcome = try? builder.append(body, form: .ndjson, receivedAt: receivedAt),
            outcome.acceptedCount == events.count,
            let block = builder.finish(receivedAt: receivedAt)
        else { fatalError("the scenario's own events were refused") }
        blockCount += 1
        return SentBlock(
            number: blockCount, events: events, receivedAt: receivedAt, block: block)
    }

    private mutating func event(_ random: inout SeededRandom) -> SentEvent {
        idCount += 1
        var time = receivedAt - Milliseconds.random(in: 0..<50_000, using: &random)
        if random.chance(0.2) { time -= Milliseconds.random(in: 0..<7_200_000, using: &random) }
        if random.chance(0.04) {
            time -= Milliseconds.random(in: 0..<4, using: &random) * 86_400_000
        }
        return SentEvent(
            id: "\(prefix)-\(idCount)", isView: random.chance(0.8),
            page: random.chance(0.9) ? Self.pages.randomElement(using: &random) : nil,
            device: random.chance(0.8) ? Self.devices.randomElement(using: &random) : nil,
            user: random.chance(0.7) ? "u\(random.below(12))" : nil,
            session: random.chance(0.7) ? "s\(random.below(20))" : nil,
            depth: random.chance(0.3) ? Int64(random.below(100)) : nil, time: time)
    }
}

package import Base

/// Writes clickstream events as JSON, the same ones for the same seed and times.
///
/// In shape they follow a shop's traffic: 4,096 sessions at once with 12.5 events in the mean,
/// users and pages by Zipf's law, 336 bytes an event. 1 % of the events come 2 to 60 minutes late,
/// 0.5 % of the lines repeat an earlier line. Event ids are distinct over all streams of a seed.
package struct EventGenerator: ~Copyable {
    /// Room that an event may need at most.
    package static let eventBytesMax = 1_024
    private static let sessionCount = 4_096
    /// Repeated lines wait here until as many others are ahead of them.
    private static let waitingCount = 16

    private let catalogue: Catalogue
    private var random: Randomness
    private var sessions: SessionTable
    private var timestamps = TimestampWriter()
    private let beginnings: TextPool
    private let idBase: UInt64
    private var made: UInt64 = 0
    private var waiting: [[UInt8]] = []
    /// What was made so far.
    package private(set) var truth = GroundTruth()

    /// The generator of one stream out of `streamCount` that share a seed.
    package init(
        _ catalogue: Catalogue, seed: UInt64, stream: Int = 0, streamCount: Int = 1
    ) {
        self.catalogue = catalogue
        random = Randomness(seed: seed &* 1_024 &+ UInt64(stream))
        sessions = SessionTable(
            catalogue, count: Self.sessionCount, stream: stream, step: streamCount, &random)
        beginnings = TextPool(
            Catalogue.eventTypes.map { #"","eventType":"\#($0)","userId":"user_"# })
        idBase = (seed & 0xFFFF) << 48 | UInt64(stream) << 40
    }

    /// Appends the next event, without a line's end; `now` is when it is sent, more or less.
    package mutating func append(at now: Milliseconds, to buffer: inout ByteBuffer) {
        buffer.reserve(Self.eventBytesMax)
        let dice = random.next()
        if dice & 0xFFFF < 328, waiting.count >= Self.waitingCount {
            let line = waiting.removeFirst()
            buffer.append(line)
            truth.addDuplicate()
            return
        }
        let first = buffer.count
        appendNew(at: now, dice &>> 16, to: &buffer)
        if waiting.count < Self.waitingCount, dice & 0xFFFF >= 0x8000 {
            waiting.append(buffer.copy(first..<buffer.count))
        }
    }

    private mutating func appendNew(
        at now: Milliseconds, _ dice: UInt64, to buffer: inout ByteBuffer
    ) {
        let slot = Int(dice & 0xFFF)
        let (type, page) = sessions.advance(slot, &random)
        let isLate = (dice &>> 12) & 0xFFFF < 655
        let delay =
            isLate ? 120_000 + random.below(58 * 60_000) : 20 + Int((dice &>> 28) & 0x3FF)
        let time = now - Milliseconds(delay)
        buffer.append(#"{"eventId":"evt_"#)
        made &+= 1
        appendHex(hash64(idBase | made), to: &buffer)
        beginnings.append(type, to: &buffer)
        sessions.appendBeforeTime(slot, to: &buffer)
        timestamps.append(time, to: &buffer)
        buffer.append(#"","properties":{"page":""#)
        catalogue.pages.append(page, to: &buffer)
        sessions.appendAfterPage(slot, to: &buffer)
        appendRest(type, to: &buffer)
        truth.add(
            type: type, page: page, user: sessions.users[slot], at: time, isLate: isLate)
    }

    /// Appends the loading time and what only events of this type have.
    private mutating func appendRest(_ type: Int, to buffer: inout ByteBuffer) {
        let numbers = random.next()
        // The product of three even draws has about the long tail of loading times.
        let spread = (numbers & 0x3F) &* ((numbers &>> 6) & 0x3F) &* ((numbers &>> 12) & 0x3F)
        buffer.append(decimal: 80 &+ Int(spread &>> 5))
        switch type {
        case EventType.click.rawValue:
            buffer.append(#","element":""#)
            catalogue.elements.append(
                catalogue.elementChoice.draw(random.next()), to: &buffer)
            buffer.append(#""}}"#)
            return
        case EventType.scroll.rawValue:
            buffer.append(#","depth":"#)
            buffer.append(decimal: 1 &+ Int((numbers &>> 32) % 100))
        case EventType.purchase.rawValue:
            let cents = Int(logNormal(median: 4_500, sigma: 0.9, &random))
            buffer.append(#","revenue":"#)
            buffer.append(decimal: max(1, cents / 100))
            buffer.append(UInt8(ascii: "."))
            buffer.append(0x30 &+ UInt8(cents / 10 % 10))
            buffer.append(0x30 &+ UInt8(cents % 10))
        default: break
        }
        buffer.append("}}")
    }

    private func appendHex(_ number: UInt64, to buffer: inout ByteBuffer) {
        for shift in stride(from: UInt64(60), through: 0, by: -4) {
            let digit = UInt8(truncatingIfNeeded: number &>> shift) & 0xF
            buffer.append(digit &+ (digit < 10 ? 0x30 : 0x57))
        }
    }
}

/// Writes RFC 3339 times, keeping the text of the last minutes.
private struct TimestampWriter {
    private static let slotCount = 128
    private var minutes = Array(repeating: Int64.min, count: slotCount)
    private var prefixes = Array(repeating: [UInt8](), count: slotCount)

    mutating func append(_ time: Milliseconds, to buffer: inout ByteBuffer) {
        let minute = time / CivilTime.millisecondsPerMinute
        let slot = Int(minute) & (Self.slotCount - 1)
        if minutes[slot] != minute {
            minutes[slot] = minute
            let text = CivilTime(minute * CivilTime.millisecondsPerMinute).text
            prefixes[slot] = Array(text.utf8.dropLast(3))
        }
        buffer.append(prefixes[slot])
        let rest = Int(time &- minute &* CivilTime.millisecondsPerMinute)
        buffer.append(0x30 &+ UInt8(truncatingIfNeeded: rest / 10_000))
        buffer.append(0x30 &+ UInt8(truncatingIfNeeded: rest / 1_000 % 10))
        buffer.append(UInt8(ascii: "."))
        buffer.append(0x30 &+ UInt8(truncatingIfNeeded: rest / 100 % 10))
        buffer.append(0x30 &+ UInt8(truncatingIfNeeded: rest / 10 % 10))
        buffer.append(0x30 &+ UInt8(truncatingIfNeeded: rest % 10))
        buffer.append(UInt8(ascii: "Z"))
    }
}

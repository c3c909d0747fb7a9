import Base
import Events
import Glibc
import Testing

/// Prints nanoseconds and bytes an event, where `WEIR_SPEED` is set: a number of rounds.
///
/// `WEIR_SPEED=50 swift test -c release --filter EventSpeedTests`; with `WEIR_SPEED_FILE`, an
/// NDJSON file, also for its lines.
@Suite(.enabled(if: setting("WEIR_SPEED") != nil)) struct EventSpeedTests {
    @Test func measuresBodiesOfGeneratedEvents() throws {
        for count in [1_000, 1] {
            var generator = SeededRandom(seed: 7)
            let events = (0..<1_000).map { clickstreamEvent($0, &generator) }
            for form in [BodyForm.batch, .ndjson] {
                let bodies = stride(from: 0, to: events.count, by: count).map { start in
                    let part = events[start..<start + count]
                    return form == .batch
                        ? "[" + part.joined(separator: ",") + "]" : part.joined(separator: "\n")
                }
                try measure("generated, \(count) a block, \(form)", bodies, form)
            }
        }
    }

    @Test func measuresTheLinesOfAFile() throws {
        guard let path = setting("WEIR_SPEED_FILE") else { return }
        let text = bytes(ofFile: path)
        let lines = text.split(separator: UInt8(ascii: "\n"))
        let bodies = stride(from: 0, to: lines.count, by: 1_000).map { start in
            lines[start..<min(start + 1_000, lines.count)].map {
                String(decoding: $0, as: UTF8.self)
            }.joined(separator: "\n")
        }
        try measure("the file, 1,000 a block", bodies, .ndjson)
    }

    private func measure(_ what: String, _ bodies: [String], _ form: BodyForm) throws {
        let rounds = Int(setting("WEIR_SPEED") ?? "") ?? 1
        var limits = EventLimits()
        limits.ageMax = nil
        var builder = EventBlockBuilder(limits: limits)
        var encoder = EventBlockEncoder()
        var (append, finish, encode, decode): (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        var (eventCount, inputBytes, payloadBytes) = (0, 0, 0)
        for body in bodies.map({ Array($0.utf8) }) {
            for _ in 0..<rounds {
                let start = Clock.monotonicNanoseconds()
                let outcome = try builder.append(body, form: form, receivedAt: receipt)
                let appended = Clock.monotonicNanoseconds()
                let finished = builder.finish(receivedAt: receipt)
                let built = Clock.monotonicNanoseconds()
                let payload = encoder.encode(try #require(finished))
                let encoded = Clock.monotonicNanoseconds()
                let decoded = try EventBlock.decode(payload)
                decode += Clock.monotonicNanoseconds() - encoded
                append += appended - start
                finish += built - appended
                encode += encoded - built
                eventCount += outcome.acceptedCount
                inputBytes += body.count
                payloadBytes += payload.count
                #expect(decoded.count == outcome.acceptedCount && outcome.rejected.isEmpty)
            }
        }
        func each(_ total: UInt64) -> Int { Int(total) / eventCount }
        print(
            "\(what): \(inputBytes / eventCount) bytes in, append \(each(append)) ns, "
                + "finish \(each(finish)) ns, encode \(each(encode)) ns, "
                + "decode \(each(decode)) ns, \(payloadBytes / eventCount) bytes out, by event")
    }
}

/// A variable of the environment.
private func setting(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    return unsafe String(cString: value)
}

private func bytes(ofFile path: String) -> [UInt8] {
    guard let file = unsafe fopen(path, "r") else { return [] }
    defer { unsafe fclose(file) }
    var text: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while case let count = unsafe fread(&buffer, 1, 1 << 20, file), count > 0 {
        text += buffer[..<count]
    }
    return text
}

/// An event with the fields and the lengths of the clickstream that peers are measured on.
func clickstreamEvent(_ number: Int, _ generator: inout SeededRandom) -> String {
    func pick(_ choices: [String]) -> String { choices[generator.below(choices.count)] }
    let id = String(generator.next(), radix: 16) + String(generator.next(), radix: 16)
    // Squaring makes low numbers likelier, as popular pages are.
    let page = generator.below(100) * generator.below(100)
    let type = pick(["page_view", "page_view", "page_view", "click", "scroll", "purchase"])
    let time = CivilTime(receipt - 30_000 + Int64(number * 10 + generator.below(2_000))).text
    var properties = """
        "page":"/p/electronics/wireless-headphones-\(page)","referrer":"\(
            pick(["https://www.google.com/", "", "https://www.bluenews.com/a/\(page / 7)"]))",\
        "device":"\(pick(["mobile", "desktop", "tablet"]))",\
        "browser":"\(pick(["Chrome", "Safari", "Firefox", "Edge"]))",\
        "os":"\(pick(["Windows", "macOS", "iOS", "Android"]))",\
        "country":"\(pick(["US", "IN", "BR", "GB", "DE", "FR", "JP"]))"
        """
    switch type {
    case "page_view": properties += ",\"loadTimeMs\":\(generator.below(4_000))"
    case "click": properties += ",\"element\":\"btn-add-to-cart-\(generator.below(40))\""
    case "scroll": properties += ",\"depth\":\(generator.below(100))"
    default: properties += ",\"revenue\":\(Double(generator.below(20_000)) / 100)"
    }
    return """
        {"eventId":"\(id)","eventType":"\(type)","userId":"user_\(generator.below(1_000_000))",\
        "sessionId":"sess_\(generator.below(1_000_000))","timestamp":"\(time)",\
        "properties":{\(properties)}}
        """
}

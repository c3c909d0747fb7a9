import Foundation
import Synchronization
import Testing

/// How often the readers ask at least; the machine's speed only decides how long that takes.
private let roundsMin = 1_000
private let timeMax = Duration.seconds(180)

/// How far the writers of a run have come, for the readers to compare with.
private final class Progress: Sendable {
    let sent = Atomic<Int>(0)
    let isOver = Atomic<Bool>(false)
    let rounds = Atomic<Int>(0)
    private let started = ContinuousClock.now
    let failures = Mutex<[String]>([])

    /// Whether there were rounds enough, or so much time that there never will be.
    var hasReadEnough: Bool {
        rounds.load(ordering: .relaxed) >= roundsMin || ContinuousClock.now - started > timeMax
    }

    func fail(_ message: String) {
        failures.withLock { if $0.count < 20 { $0.append(message) } }
        isOver.store(true, ordering: .releasing)
    }
}

extension EndToEnd {
    /// Readers run all the while that events arrive, flushes commit and merges run.
    @Suite("Readers")
    struct ReaderTests {
        private static let batchSize = 50

        private static func body(_ number: Int) -> [UInt8] {
            let lines = (0..<batchSize).map { index in
                #"{"eventId":"r\#(number)-\#(index)","eventType":"t\#(index % 5)","#
                    + #""timestamp":"2026-01-10T\#(10 + number % 10):\#(10 + index):00Z"}"#
            }
            return Array(lines.joined(separator: "\n").utf8)
        }

        /// Sends every second batch, `count` together with the other writer, and more until there
        /// were rounds enough; `sent` is raised before each, so that it is never below what counts.
        private static func write(
            _ port: UInt16, from first: Int, count: Int, _ progress: Progress
        ) {
            do {
                let connection = try HTTPConnection(port: port)
                for number in stride(from: first, to: .max, by: 2) {
                    let isOver = progress.isOver.load(ordering: .acquiring)
                    if isOver || (number >= count && progress.hasReadEnough) { break }
                    progress.sent.add(batchSize, ordering: .acquiringAndReleasing)
                    let path = number % 20 < 2 ? "\(batch)?ack=durable" : batch
                    let answer = try connection.send(.post(path, body(number), [ndjson]))
                    if answer.status != 202 { progress.fail("\(answer.status) \(answer.text)") }
                    usleep(1_000)
                }
            } catch { progress.fail("writer: \(error)") }
        }

        /// Asks for the count over and over, in several forms that must agree in the end.
        private static func read(_ port: UInt16, _ form: String, _ progress: Progress) {
            let path = "\(query)?metric=events&\(day)&maxAge=0&\(form)"
            do {
                let connection = try HTTPConnection(port: port)
                var before = 0
                while !progress.isOver.load(ordering: .acquiring) {
                    let answer = try connection.send(.get(path))
                    let sent = progress.sent.load(ordering: .acquiring)
                    let rows = answer.json["data"].array
                    let count = rows.reduce(0) { $0 + ($1["value"].int ?? 0) }
                    if answer.status != 200 { progress.fail("\(answer.status) \(answer.text)") }
                    if count < before { progress.fail("\(form): fell from \(before) to \(count)") }
                    if count > sent { progress.fail("\(form): \(count) of \(sent) sent") }
                    before = count
                    progress.rounds.add(1, ordering: .relaxed)
                }
            } catch { progress.fail("reader: \(error)") }
        }

        @Test("counts never fall, never exceed what was sent, and equal it in the end")
        func consistency() throws {
            let data = try TemporaryDirectory()
            let server = try WeirServer(
                data: data, ["--stream-flush-interval", "50ms", "--stream-publish-interval", "5ms"])
            let port = server.port
            let progress = Progress()
            let count = isFull ? 20_000 : 3_000
            let writers: [@Sendable () -> Void] = (0..<2).map { first in
                { Self.write(port, from: first, count: count, progress) }
            }
            let forms = [
                "granularity=all", "granularity=minute", "granularity=hour&dimensions=eventType",
            ]
            let readers: [@Sendable () -> Void] = forms.map { form in
                { Self.read(port, form, progress) }
            }
            let writing: @Sendable () -> Void = {
                inParallel(writers)
                // The readers go on until the last flush has replaced the live tail.
                usleep(500_000)
                progress.isOver.store(true, ordering: .releasing)
            }
            inParallel(readers + [writing])
            #expect(progress.failures.withLock { $0 } == [])
            let sent = progress.sent.load(ordering: .acquiring)
            #expect(sent >= count * Self.batchSize)
            #expect(try server.waitForTotal(sent) == sent)
            let rounds = progress.rounds.load(ordering: .relaxed)
            #expect(rounds >= roundsMin, "\(rounds) rounds in \(timeMax)")
            #expect(try server.metric("weir_events_dropped_total") == 0)
            // Without these there was nothing for the readers to stumble over.
            #expect(try server.metric("weir_flushes_total") > 10)
            #expect(try server.metric("weir_merged_bytes_total") > 0)
        }
    }
}

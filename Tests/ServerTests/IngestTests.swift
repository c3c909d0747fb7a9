import Base
import Disk
import EventLog
import Events
import Server
import Synchronization
import TestSupport
import Testing

/// Ingest on a real log, on a disk that can fail.
@Suite struct IngestTests {
    /// What the stream would have been given.
    private final class Received: Sendable {
        let blocks = Locked<[EventBlock]>([])
        var eventIds: [String] {
            blocks.withLock { blocks in
                blocks.flatMap { block in (0..<block.count).map { block.eventIds[$0] } }
            }
        }
    }

    private struct Setup {
        let disk = FaultingDisk(seed: 1)
        let log: EmbeddedLog
        let ingest: Ingest
        let received = Received()

        init(_ change: (inout IngestOptions) -> Void = { _ in }) throws {
            var options = IngestOptions()
            options.loops = 2
            change(&options)
            log = try Self.openLog(on: disk)
            let received = received
            ingest = Ingest(options: options, log: log) { block, _ in
                received.blocks.withLock { $0.append(block) }
            }
        }

        static func openLog(on disk: FaultingDisk) throws -> EmbeddedLog {
            var options = LogOptions()
            options.segmentBytes = 64 << 10
            options.takeTestSizes()
            return try EmbeddedLog.open(disk: disk, directory: "log", options: options)
        }

        func send(
            _ text: String, loop: Int = 0, form: BodyForm = .batch,
            durable: (@Sendable (DurableOutcome) -> Void)? = nil
        ) -> Ingest.Result {
            let padded = [UInt8](text.utf8) + [UInt8](repeating: 0, count: 64)
            return unsafe padded.withUnsafeBytes { bytes in
                ingest.accept(
                    unsafe IngestRequest(
                        body: UnsafeRawBufferPointer(rebasing: bytes[..<text.utf8.count]),
                        form: form, receivedAt: 1_768_055_400_000, idempotencyKey: nil),
                    loop: loop, durable: durable)
            }
        }

        func sendEvents(_ ids: Range<Int>, loop: Int = 0) -> Ingest.Result {
            let events = ids.map { #"{"eventId":"\#($0)","eventType":"t"}"# }
            return send("[" + events.joined(separator: ",") + "]", loop: loop)
        }
    }

    private static func isAccepted(_ result: Ingest.Result) -> Bool {
        if case .accepted = result { true } else { false }
    }

    @Test func everyAcceptedEventReachesTheStreamAndTheLogOnce() throws {
        let setup = try Setup()
        setup.ingest.start()
        for batch in 0..<50 {
            let ids = batch * 20..<batch * 20 + 20
            #expect(Self.isAccepted(setup.sendEvents(ids, loop: batch % 2)))
        }
        setup.ingest.close()
        setup.log.close()
        #expect(setup.received.eventIds.sorted() == (0..<1_000).map(String.init).sorted())

        let reopened = try Setup.openLog(on: setup.disk)
        var logged: [String] = []
        var position = LogPosition.start
        while case let entries = try reopened.read(from: position, byteCount: 1 << 20),
            let last = entries.last
        {
            for entry in entries {
                let block = try EventBlock.decode(entry.payload)
                logged += (0..<block.count).map { block.eventIds[$0] }
            }
            position = LogPosition(last.mark.position.sequence + 1)
        }
        reopened.close()
        #expect(logged.sorted() == setup.received.eventIds.sorted())
    }

    @Test func durableMeansThatAPowerCutLosesNothing() throws {
        let setup = try Setup()
        setup.ingest.start()
        let outcome = Monitor<DurableOutcome?>(nil)
        let result = setup.send(#"[{"eventId":"kept","eventType":"t"}]"#) { answer in
            outcome.update { $0 = answer }
        }
        #expect(Self.isAccepted(result))
        #expect(outcome.wait { $0 } == .durable)
        let after = setup.disk.afterPowerCut(seed: 2, keeping: 0)
        let log = try Setup.openLog(on: after)
        let entry = try #require(try log.read(from: .start, byteCount: 1 << 20).first)
        #expect(try EventBlock.decode(entry.payload).eventIds[0] == "kept")
        log.close()
        setup.ingest.close()
        setup.log.close()
    }

    @Test func aFullRingDropsItsOldestBlocksAndCountsThem() throws {
        // Not started: nothing leaves the rings. One event a block, so that blocks can be dropped.
        let setup = try Setup {
            $0.bufferBytes = 16 << 10
            $0.blockEvents = 1
        }
        for id in 0..<1_000 { #expect(Self.isAccepted(setup.sendEvents(id..<id + 1))) }
        #expect(setup.ingest.ringBytes <= 8 << 10)
        let figures = setup.ingest.figures
        #expect(figures.accepted == 1_000)
        #expect(figures.dropped > 0)
        setup.ingest.start()
        setup.ingest.close()
        setup.log.close()
        let newest = (Int(figures.dropped)..<1_000).map(String.init)
        #expect(setup.received.eventIds == newest)
    }

    @Test func aFullRingRejectsWhereThatIsConfigured() throws {
        let setup = try Setup {
            $0.bufferBytes = 16 << 10
            $0.blockEvents = 1
            $0.overflow = .reject
        }
        var accepted = 0
        while Self.isAccepted(setup.sendEvents(accepted..<accepted + 1)), accepted < 1_000 {
            accepted += 1
        }
        #expect((1..<1_000).contains(accepted))
        #expect(Self.isAccepted(setup.sendEvents(0..<1, loop: 1)), "the other ring has room")
        #expect(setup.ingest.figures.dropped == 0)
        setup.ingest.start()
        setup.ingest.close()
        setup.log.close()
        #expect(setup.received.eventIds.count == accepted + 1)
    }

    @Test func durableRequestsAreNeverDroppedButRefusedByAFullRing() throws {
        let setup = try Setup {
            $0.bufferBytes = 16 << 10
            $0.blockEvents = 1
        }
        let durable = Atomic<Int>(0)
        var taken = 0
        while taken < 1_000 {
            let text = #"[{"eventId":"d\#(taken)","eventType":"t"}]"#
            let result = setup.send(text) { outcome in
                if outcome == .durable { durable.wrappingAdd(1, ordering: .relaxed) }
            }
            guard Self.isAccepted(result) else { break }
            taken += 1
        }
        #expect((1..<1_000).contains(taken))
        guard case .overloaded = setup.sendEvents(0..<1) else {
            Issue.record("a queued request dropped durable ones")
            return
        }
        setup.ingest.start()
        setup.ingest.close()
        setup.log.close()
        #expect(durable.load(ordering: .relaxed) == taken)
        #expect(setup.received.eventIds == (0..<taken).map { "d\($0)" })
    }

    @Test func aDiskThatTakesNothingAnswersDurableRequestsAndCountsQueuedOnes() throws {
        let setup = try Setup()
        setup.ingest.start()
        setup.disk.setCapacity(0)
        #expect(Self.isAccepted(setup.sendEvents(0..<3)))
        let outcome = Monitor<DurableOutcome?>(nil)
        _ = setup.send(#"[{"eventId":"d","eventType":"t"}]"#) { answer in
            outcome.update { $0 = answer }
        }
        guard case .logUnavailable = outcome.wait({ $0 }) else {
            Issue.record("a durable request was not told of the full disk")
            return
        }
        setup.disk.setCapacity(.max)
        outcome.withLock { $0 = nil }
        _ = setup.send(#"[{"eventId":"later","eventType":"t"}]"#) { answer in
            outcome.update { $0 = answer }
        }
        #expect(outcome.wait { $0 } == .durable)
        setup.ingest.close()
        setup.log.close()
        #expect(setup.received.eventIds == ["later"])
        #expect(setup.ingest.figures.dropped == 3)
    }

    @Test func aPauseDropsQueuedEventsAndRefusesDurableOnes() throws {
        let setup = try Setup()
        setup.ingest.setPause("the disk is nearly full")
        setup.ingest.start()
        #expect(Self.isAccepted(setup.sendEvents(0..<5)))
        let result = setup.send(#"[{"eventType":"t"}]"#) { _ in }
        guard case .overloaded(let reason) = result else {
            Issue.record("a durable request was taken while nothing is written")
            return
        }
        #expect(reason == "the disk is nearly full")
        setup.ingest.close()
        setup.log.close()
        #expect(setup.received.eventIds.isEmpty)
        #expect(setup.ingest.figures.dropped == 5)
    }

    @Test func aClosedIngestTakesNothing() throws {
        let setup = try Setup()
        setup.ingest.start()
        setup.ingest.close()
        setup.log.close()
        guard case .closing = setup.sendEvents(0..<1) else {
            Issue.record("a body was taken after the close")
            return
        }
    }

    @Test func aMalformedBodyCountsNothing() throws {
        let setup = try Setup()
        setup.ingest.start()
        guard case .malformed(let error) = setup.send(#"[{"eventType":"t"},{"#) else {
            Issue.record("broken JSON was taken")
            return
        }
        #expect(error.code == "invalid_json")
        #expect(Self.isAccepted(setup.send(#"{"eventType":"t"}"#, form: .single)))
        setup.ingest.close()
        setup.log.close()
        #expect(setup.received.eventIds.count == 1)
    }
}

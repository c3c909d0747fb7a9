package import Base
package import EventLog
internal import Events
package import Store

/// Makes rows again that damage took, by the code that made them first: rollups from raw rows, raw
/// rows from the log.
package final class EventsAgain: LostRowsMaker {
    /// Raw rows that are handed over at once, by the memory of their blocks.
    private static let pieceBytes = 32 << 20
    /// How far ahead of the log an event's time may be at most, and more (see `EventLimits`).
    private static let skewMost: Milliseconds = 600_000

    private let options: StreamOptions
    private let catalog: Catalog
    private let log: any EventLog
    private let decoder: any PayloadDecoder

    /// `options` must be those of the stream that made the rows.
    package init(
        options: StreamOptions, catalog: Catalog, log: any EventLog,
        decoder: any PayloadDecoder = EventPayloadDecoder()
    ) {
        self.options = options
        self.catalog = catalog
        self.log = log
        self.decoder = decoder
    }

    /// Makes rows of a base rollup, or of its corrections; nil for other tables.
    package func rollup(of table: String) -> (any RollupMaker)? {
        RollupFromRaw(table: table, catalog: catalog)
    }

    /// Reads the log from as far back as it goes, silently up to `start`, so that the dedup window
    /// and the watermark are there what they were; then hands out the rows up to `end`.
    ///
    /// Where the log begins within a dedup window, some events too many may be taken: the caller
    /// counts. That the watermark is right is proved here.
    package func rawRows(
        from start: LogPosition, to end: LogPosition,
        take: (MemoryPart) throws(StoreError) -> Void
    ) throws(LostRowsError) {
        var replay = Replay(options)
        var reader = LogReader(log, from: .start, to: end, byteCount: options.logReadBytes)
        while true {
            switch reader.read() {
            case .end:
                try hand(&replay, take)
                return
            case .entry(let entry):
                let isWanted = entry.mark.position.sequence >= start.sequence
                if isWanted, !replay.knowsWatermark {
                    throw .unprovable("the log begins too shortly before the lost rows")
                }
                do throws(CorruptionError) {
                    let block = try decoder.decode(entry.payload)
                    replay.take(block, at: entry.mark, isWanted: isWanted)
                } catch {
                    if isWanted { throw .unprovable("\(error)") }
                    replay.noteGap()
                }
                if replay.tail.byteCount >= Self.pieceBytes { try hand(&replay, take) }
            case .lost(let position, let reason):
                if position.sequence >= start.sequence { throw .unprovable(reason) }
                replay.noteGap()
            case .failed(let error):
                throw .failed(.invalid(message: "\(error)"))
            }
        }
    }

    private func hand(
        _ replay: inout Replay, _ take: (MemoryPart) throws(StoreError) -> Void
    ) throws(LostRowsError) {
        if replay.tail.rowCount == 0 { return }
        let rows = RawPartBuilder.build(replay.tail)
        replay.tail = RawTail()
        do throws(StoreError) {
            try take(rows)
        } catch {
            throw .failed(error)
        }
    }

    /// What of the stream decides which events are rows, and which of them are late.
    private struct Replay: ~Copyable {
        var tail = RawTail()
        private var ledger: DedupLedger
        private var watermark: Watermark
        private let retention: Retention
        /// The log time of the first block since which none was missed; nil before it.
        private var firstTime: Milliseconds?
        private var isFromBeginning = true
        private var accepted: [UInt32] = []
        private var onTime: [UInt32] = []
        private var late: [UInt32] = []
        private var minutes: [Int32] = []

        init(_ options: StreamOptions) {
            ledger = DedupLedger(window: options.dedupWindow, idsMax: options.dedupIdsMax)
            watermark = Watermark(lateness: options.lateness)
            retention = options.retention
        }

        /// Whether no event before the first block can have brought the watermark further than it
        /// is now.
        var knowsWatermark: Bool {
            if isFromBeginning { return true }
            guard let firstTime else { return false }
            return watermark.eventTimeMax >= firstTime + EventsAgain.skewMost
        }

        /// Blocks were missed.
        mutating func noteGap() {
            isFromBeginning = false
            firstTime = nil
        }

        mutating func take(_ block: EventBlock, at mark: LogMark, isWanted: Bool) {
            accepted.removeAll(keepingCapacity: true)
            onTime.removeAll(keepingCapacity: true)
            late.removeAll(keepingCapacity: true)
            if firstTime == nil { firstTime = mark.logTime }
            ledger.beginBlock(at: mark)
            ledger.admit(block.eventIds, assigned: block.assigned, into: &accepted)
            while minutes.count < block.count { minutes.append(0) }
            watermark.beginBlock(logTime: mark.logTime)
            watermark.classify(
                accepted, timestamps: block.timestamps, minutes: &minutes, onTime: &onTime,
                late: &late)
            guard isWanted else { return }
            let limit = retention.rawLimit(watermark: watermark.time) ?? .min
            if late.contains(where: { block.timestamps[Int($0)] < limit }) {
                // Late events of a time that is no longer kept were never rows.
                let dropped = Set(late.filter { block.timestamps[Int($0)] < limit })
                accepted.removeAll { dropped.contains($0) }
                late.removeAll { dropped.contains($0) }
            }
            tail.append(block, accepted: accepted, late: late, logTime: watermark.logTime)
        }
    }
}

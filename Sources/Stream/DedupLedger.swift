package import Base
package import EventLog

/// Knows the ids of the dedup window, and so which events are duplicates.
///
/// The window is cut into epochs of log time (a sixteenth of the window) and of ids (a sixteenth of
/// the most that may be remembered); they change at block borders only. Each id carries the epoch
/// it was last seen in, so a duplicate keeps its id alive. An epoch counts until all of it is older
/// than the window, or the ids since are too many; then its ids are forgotten together.
///
/// All of this depends only on the ids since the oldest epoch that counts began. So a restart that
/// reads the log silently from there (`replayPosition`) has the same ledger as if it had never
/// stopped; nothing of the table need be saved.
package struct DedupLedger: ~Copyable {
    /// A stretch of the log whose ids are forgotten together.
    package struct Epoch: Sendable, Equatable {
        /// The position of its first block.
        package var start: LogPosition
        /// The log time of its first block.
        package var startTime: Milliseconds
        /// The log time of its last block so far.
        package var endTime: Milliseconds
        /// The ids that were last seen in it.
        package var idCount: Int

        package init(
            start: LogPosition, startTime: Milliseconds, endTime: Milliseconds, idCount: Int
        ) {
            self.start = start
            self.startTime = startTime
            self.endTime = endTime
            self.idCount = idCount
        }
    }

    /// How many epochs a full window is cut into: ids are kept up to a sixteenth too long.
    package static let epochsPerWindow = 16
    /// More epochs than any sensible setting makes; keeps their numbers in seven bits.
    private static let epochCountMax = 64
    private static let bucketCountMin = 1024
    /// Rows whose buckets are read ahead together: their lines fit the second-level cache.
    private static let warmRows = 256

    private let window: Milliseconds
    private let idsMax: Int
    private let bucketCountMax: Int
    private var table: DedupTable
    /// Ascending; the last is the current one.
    ///
    /// Empty before the first block.
    package private(set) var epochs: [Epoch] = []
    /// The number in the table of the first of `epochs`; those after it count on.
    private var oldest: UInt8 = 1
    private var logTime: Milliseconds = .min
    private var sweepCursor = 0
    private var sweepRemaining = 0
    private var ids: [UInt64] = []
    private var warmth: UInt64 = 0

    /// An empty ledger; the table grows with the ids, up to 10 bytes for each of `idsMax`.
    package init(window: Milliseconds, idsMax: Int) {
        invariant(window > 0 && idsMax > 0)
        self.window = window
        self.idsMax = idsMax
        bucketCountMax = max(1, idsMax * 10 / DedupTable.bucketBytes)
        table = DedupTable(bucketCount: min(Self.bucketCountMin, bucketCountMax))
    }

    /// Where a replay must begin to give this ledger; nil before the first block.
    package var replayPosition: LogPosition? { epochs.first?.start }

    /// The log time that is covered: from the start of the oldest epoch that counts.
    package var span: Milliseconds { epochs.first.map { logTime - $0.startTime } ?? 0 }

    /// How many ids are remembered.
    package var idCount: Int { epochs.reduce(0) { $0 + $1.idCount } }
    /// The memory of the table, in bytes.
    package var byteCount: Int { table.byteCount }

    /// Begins a block: the only place where epochs begin and end.
    package mutating func beginBlock(at mark: LogMark) {
        logTime = max(logTime, mark.logTime)
        if let current = epochs.last {
            let age = logTime - current.startTime
            if age >= max(1, window / Milliseconds(Self.epochsPerWindow))
                || current.idCount >= max(1, idsMax / Self.epochsPerWindow)
            {
                beginEpoch(at: mark.position)
            }
        } else {
            beginEpoch(at: mark.position)
        }
        epochs[epochs.count - 1].endTime = logTime
        let forgotten = forgottenEpochCount()
        if forgotten > 0 {
            epochs.removeFirst(forgotten)
            oldest += UInt8(forgotten)
            sweepRemaining = table.bucketCount
        }
    }

    /// Takes the ids of a block and appends the rows that are no duplicates to `accepted`.
    ///
    /// Rows in `assigned` never are: nobody else has their id.
    package mutating func admit(
        _ eventIds: StringTable, assigned: Bitmap, into accepted: inout [UInt32]
    ) {
        invariant(!epochs.isEmpty, "no block was begun")
        makeRoom(for: eventIds.count)
        Self.hash(eventIds, into: &ids)
        let epoch = oldest + UInt8(epochs.count - 1)
        var row = 0
        while row < eventIds.count {
            let end = min(row + Self.warmRows, eventIds.count)
            warmth &+= table.warm(ids.span.extracting(row..<end))
            for row in row..<end {
                if assigned[row] {
                    accepted.append(UInt32(row))
                    continue
                }
                let previous = table.touch(ids[row], epoch: epoch, oldest: oldest)
                if previous == epoch { continue }
                epochs[epochs.count - 1].idCount += 1
                if previous == 0 {
                    accepted.append(UInt32(row))
                } else {
                    epochs[Int(previous - oldest)].idCount -= 1
                }
            }
            row = end
        }
        sweepSome(rowCount: eventIds.count)
    }

    private static func hash(_ eventIds: StringTable, into ids: inout [UInt64]) {
        ids.removeAll(keepingCapacity: true)
        ids.reserveCapacity(eventIds.count)
        unsafe eventIds.bytes.withUnsafeBytes { bytes in
            for row in 0..<eventIds.count {
                let range = eventIds.range(row)
                let id = unsafe hash64(UnsafeRawBufferPointer(rebasing: bytes[range]))
                ids.append(id == 0 ? 1 : id)
            }
        }
    }

    private mutating func beginEpoch(at position: LogPosition) {
        if Int(oldest) + epochs.count > Int(DedupTable.epochMax) {
            table.sweep(0..<table.bucketCount, oldest: oldest)
            sweepRemaining = 0
            table.lowerEpochs(by: oldest - 1)
            oldest = 1
        }
        epochs.append(
            Epoch(start: position, startTime: logTime, endTime: logTime, idCount: 0))
    }

    /// How many of the oldest epochs no longer count; the current one always does.
    private func forgottenEpochCount() -> Int {
        var count = max(0, epochs.count - Self.epochCountMax)
        var remembered = epochs[count...].reduce(0) { $0 + $1.idCount }
        while count + 1 < epochs.count {
            let isOld = epochs[count].endTime <= logTime - window
            guard isOld || remembered > idsMax else { break }
            remembered -= epochs[count].idCount
            count += 1
        }
        return count
    }

    /// Grows the table by doubling up to its greatest size, and beyond only if a block is so large
    /// that the ids of one epoch do not fit.
    private mutating func makeRoom(for rowCount: Int) {
        if fits(rowCount, in: table.bucketCount) { return }
        table.sweep(0..<table.bucketCount, oldest: oldest)
        sweepRemaining = 0
        if fits(rowCount, in: table.bucketCount) { return }
        var bucketCount = table.bucketCount
        while !fits(rowCount, in: bucketCount) {
            bucketCount =
                bucketCount < bucketCountMax
                ? min(bucketCount * 2, bucketCountMax) : bucketCount + bucketCount / 4 + 1
        }
        resize(to: bucketCount)
    }

    private func fits(_ rowCount: Int, in bucketCount: Int) -> Bool {
        let slots = bucketCount * DedupTable.slotsPerBucket
        // Below the greatest size a little room keeps searches short; at it memory counts more.
        let limit = bucketCount < bucketCountMax ? slots / 8 * 7 : slots - slots / 32
        return table.occupiedCount + rowCount <= limit
    }

    private mutating func resize(to bucketCount: Int) {
        // The table is not copyable, so an empty one stands in while it is rebuilt.
        var old = DedupTable(bucketCount: 1)
        swap(&old, &table)
        table = old.resized(to: bucketCount, oldest: oldest)
        sweepCursor = 0
        sweepRemaining = 0
    }

    /// Clears a piece of the table, so that after an epoch was forgotten all its ids are gone
    /// before half of another is full: else dead ids would lengthen every search.
    private mutating func sweepSome(rowCount: Int) {
        if sweepRemaining == 0 { return }
        let perRow = table.bucketCount * 2 * Self.epochsPerWindow / idsMax + 1
        let count = min(sweepRemaining, rowCount * perRow + 16, table.bucketCount - sweepCursor)
        table.sweep(sweepCursor..<sweepCursor + count, oldest: oldest)
        sweepRemaining -= count
        sweepCursor += count
        if sweepCursor == table.bucketCount { sweepCursor = 0 }
    }
}

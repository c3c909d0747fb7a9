internal import Base
internal import Disk
internal import Synchronization

// Syncing, and what happens when it fails.
//
// After a failed fdatasync Linux may have dropped the pages that it could not write, marks them
// clean, and lets the next fdatasync succeed. So a second try on the same file proves nothing.
// The writer therefore keeps the payloads that are not synced (at most about
// `unsyncedBytesMax` and one round). When a sync fails:
//
// 1. Those who wait for it get the error: their payloads are in the log but not known durable.
// 2. The segment is suspect. Before anything else is written, all un-synced frames are written
//    into a new segment, which is synced as a whole and only then gets its name. Sequences, log
//    times and payloads stay as they were told. The new segment supersedes the frames of these
//    sequences in the old one, which stays as it is: readers may be in it.
// 3. Until that succeeds, payloads are refused with the error; it is tried again with each round
//    and, unasked, every `retryInterval`.

extension LogWriter {
    /// Syncs what is written and tells those who wait; the error if that failed.
    @discardableResult
    func sync() -> DiskError? {
        if isSuspect {
            do { try rewriteUnsynced() } catch {
                shared.metrics.withLock { $0.currentError = error }
                shared.failSync(error)
                setDeadline(options.retryInterval)
                return error
            }
            return nil
        }
        guard let active, !unsynced.isEmpty else {
            finishSync()
            return nil
        }
        let start = Clock.monotonicNanoseconds()
        do { try disk.perform(WriteBatch(syncFiles: [active.file.handle])) } catch {
            isSuspect = true
            shared.metrics.withLock { metrics in
                metrics.failedSyncs += 1
                metrics.currentError = error
            }
            // First the count, then the news: who hears it and calls `sync` waits for the next one.
            shared.failSync(error)
            failWaiters(.disk(error))
            setDeadline(options.retryInterval)
            return error
        }
        let nanoseconds = Clock.monotonicNanoseconds() - start
        shared.metrics.withLock { metrics in
            metrics.countSync(nanoseconds: nanoseconds)
            metrics.currentError = nil
        }
        finishSync()
        return nil
    }

    private func finishSync() {
        deadline = nil
        syncedEnd = place.sequence
        shared.finishSync(through: syncedEnd)
        for frame in unsynced { frame.synced?(.success(frame.mark)) }
        // A burst must not hold its memory for ever.
        unsynced.removeAll(keepingCapacity: unsynced.count < 4_096)
        unsyncedBytes = 0
        isSyncWanted = false
    }

    private func failWaiters(_ error: EventLogError) {
        for index in unsynced.indices {
            unsynced[index].synced?(.failure(error))
            unsynced[index].synced = nil
        }
        isSyncWanted = false
    }

    /// Gives up what could not be synced before the log closed.
    func failUnsynced(_ error: EventLogError) {
        failWaiters(error)
        unsynced = []
    }

    /// Writes the un-synced frames into a new segment, synced.
    func rewriteUnsynced() throws(DiskError) {
        guard let first = unsynced.first else {
            fatalError("a segment without un-synced frames cannot be suspect")
        }
        let firstSequence = first.mark.position.sequence
        invariant(firstSequence == syncedEnd, "frames between the synced and the un-synced ones")
        buffer.removeAll(keepingCapacity: true)
        var header = SegmentHeader(
            salt: UInt32(truncatingIfNeeded: random.next()), firstSequence: firstSequence,
            previousEnd: firstSequence, previousLogTime: first.mark.logTime)
        header.encode(to: &buffer)
        var end = FramePlace(
            sequence: firstSequence, offset: buffer.count, previous: header.checksum)
        for frame in unsynced {
            var frameHeader = FrameHeader(
                sequence: end.sequence, logTime: frame.mark.logTime, synced: syncedEnd,
                payloadBytes: frame.payload.count, payloadChecksum: crc32c(frame.payload),
                previous: end.previous ?? 0, salt: header.salt)
            appendFrame(&frameHeader, frame.payload, to: &buffer)
            end.pass(frameHeader)
        }
        let segment = try createSegment(
            header, fileBytes: max(options.segmentBytes, buffer.count))
        segment.commit(to: end, logTime: logTime)
        shared.segments.append(segment)
        active = segment
        activeSalt = header.salt
        place = end
        isSuspect = false
        finishSync()
    }

    /// Makes a segment file out of what is in `buffer`, synced, under its name.
    func createSegment(_ header: SegmentHeader, fileBytes: Int) throws(DiskError) -> Segment {
        let name = segmentName(header.firstSequence)
        let path = directory + "/" + name
        let unfinished = path + Self.unfinishedSuffix
        do throws(DiskError) {
            if try disk.exists(unfinished) { try disk.unlink(unfinished) }
            let file = try File(disk, unfinished, .create)
            try disk.preallocate(file.handle, byteCount: fileBytes)
            try disk.perform(
                WriteBatch(
                    writes: [.init(file: file.handle, offset: 0, bytes: buffer)],
                    syncFiles: [file.handle]))
            try disk.rename(unfinished, to: path)
            try disk.syncDirectory(directory)
            return Segment(
                disk: disk, file: file, name: name, firstSequence: header.firstSequence,
                header: header, fileBytes: fileBytes)
        } catch {
            // It would only take space, which may be what is missing.
            try? disk.unlink(unfinished)
            throw error
        }
    }
}

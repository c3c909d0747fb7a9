import Base
import Disk
import EventLog
import Testing

@Suite struct LogDamageTests {
    /// A closed log of four payloads in one segment, the last frame starting at `lastStart`.
    private func closedLog() throws -> (
        disk: FaultingDisk, path: String, bytes: [UInt8], lastStart: Int
    ) {
        let disk = try makeDisk()
        let log = try openLog(disk)
        let outcomes = Outcomes()
        for number in 0..<4 {
            outcomes.append(payload(number, 50), to: log)
            outcomes.waitForAll()
        }
        log.close()
        let path = "/data/log/" + segmentName(0)
        let bytes = try #require(disk.contents(of: path))
        return (disk, path, bytes, 48 + 3 * 104)
    }

    @Test func aTailTornAtAnyByteIsCut() throws {
        let (disk, path, bytes, lastStart) = try closedLog()
        let lastEnd = lastStart + 48 + 50
        for length in lastStart..<lastEnd {
            for isZeroed in [false, true] {
                let torn = disk.afterKill(seed: 1)
                let kept = Array(bytes[..<length])
                let zeros = [UInt8](repeating: 0, count: isZeroed ? bytes.count - length : 0)
                torn.setContents(of: path, to: kept + zeros)
                // A zero at the end of the payload is not torn by zeroing it.
                if isZeroed, bytes[length..<lastEnd].allSatisfy({ $0 == 0 }) { continue }
                var log = try openLog(torn)
                #expect(log.end == LogPosition(3), "cut at \(length)")
                #expect(torn.contents(of: path)?.count == lastStart)
                let outcomes = Outcomes()
                outcomes.append(payload(9, 20), to: log)
                log.close()
                log = try openLog(torn)
                let expected = (0..<3).map { payload($0, 50) } + [payload(9, 20)]
                #expect(try readAll(log).map(\.payload) == expected, "cut at \(length)")
                #expect(log.damages.isEmpty)
                log.close()
            }
        }
    }

    /// A last frame that is damaged cannot be told from a torn one; that it was cut is said.
    @Test func whatIsCutOffTheEndIsReported() throws {
        let (disk, path, _, lastStart) = try closedLog()
        var log = try openLog(disk)
        #expect(log.bytesCut == 0)
        log.close()
        disk.flip(path, offset: lastStart + 60)
        log = try openLog(disk)
        #expect(log.bytesCut == 98 && log.damages.isEmpty && log.end == LogPosition(3))
        log.close()
        log = try openLog(disk)
        #expect(log.bytesCut == 0)
        log.close()
    }

    @Test func aFlippedBitNeverGivesAWrongPayload() throws {
        let (disk, path, _, _) = try closedLog()
        let originals = (0..<4).map { payload($0, 50) }
        for offset in 48..<48 + 4 * 104 {
            let damaged = disk.afterKill(seed: 1)
            damaged.flip(path, offset: offset, mask: UInt8(1 << (offset % 8)))
            let log = try openLog(damaged)
            let frame = (offset - 48) / 104
            let isPadding = (offset - 48) % 104 >= 98
            var payloads: [[UInt8]] = []
            var position = LogPosition(0)
            var errors = 0
            while position.sequence < log.end.sequence {
                do {
                    let entries = try log.read(from: position, byteCount: 1)
                    let entry = try #require(entries.first)
                    #expect(entry.payload == originals[Int(entry.mark.position.sequence)])
                    payloads.append(entry.payload)
                    position = LogPosition(entry.mark.position.sequence + 1)
                } catch let error as EventLogError {
                    guard case .corrupt(let corruption) = error else { throw error }
                    #expect(corruption.file == "log/" + segmentName(0))
                    #expect((48 + frame * 104..<48 + frame * 104 + 98).contains(corruption.offset))
                    errors += 1
                    position = try log.positionBehindDamage(at: position)
                }
            }
            if isPadding {
                #expect(payloads == originals)
            } else if frame < 3 {
                // It was durable, as the frames behind it say: one entry is lost, and told.
                #expect(payloads.count == 3 && errors == 1, "flip at \(offset)")
                #expect(log.damages.map(\.lost) == [UInt64(frame)..<UInt64(frame + 1)])
            } else {
                #expect(payloads == Array(originals[..<3]), "flip at \(offset)")
            }
            log.close()
        }
    }

    @Test func damageOfASealedSegmentIsMetWhenItIsRead() throws {
        let disk = try makeDisk()
        var log = try openLog(disk)
        let outcomes = Outcomes()
        // Seven frames of 552 bytes a segment.
        for number in 0..<21 { outcomes.append(payload(number, 500), to: log) }
        log.close()
        let path = "/data/log/" + segmentName(7)
        disk.flip(path, offset: 48 + 2 * 552 + 20)
        disk.flip(path, offset: 48 + 3 * 552 + 5)
        log = try openLog(disk)
        #expect(log.end == LogPosition(21))
        #expect(try log.read(from: LogPosition(7), byteCount: 10_000).count == 2)
        let error = #expect(throws: EventLogError.self) {
            try log.read(from: LogPosition(9), byteCount: 10_000)
        }
        guard case .corrupt(let corruption) = error else {
            Issue.record("not a corruption: \(String(describing: error))")
            return
        }
        #expect(corruption.file == "log/" + segmentName(7))
        #expect(corruption.offset == 48 + 2 * 552 + 4)
        #expect(try log.positionBehindDamage(at: LogPosition(9)) == LogPosition(11))
        // Reading behind the damage finds its way over it.
        #expect(try readAll(log, from: 11).map(\.payload) == (11..<21).map { payload($0, 500) })
        log.close()

        // A segment that is lost to its end: go on with the next.
        let short = disk.afterKill(seed: 1)
        short.setContents(of: path, to: Array((short.contents(of: path) ?? [])[..<60]))
        log = try openLog(short)
        #expect(throws: EventLogError.self) { try log.read(from: LogPosition(7), byteCount: 1) }
        #expect(try log.positionBehindDamage(at: LogPosition(7)) == LogPosition(14))
        log.close()
    }

    @Test func aDamagedSegmentHeaderLosesNothing() throws {
        let (disk, path, _, _) = try closedLog()
        for offset in 0..<48 where !(8..<12).contains(offset) {
            let damaged = disk.afterKill(seed: 1)
            damaged.flip(path, offset: offset)
            let log = try openLog(damaged)
            #expect(try readAll(log).map(\.payload) == (0..<4).map { payload($0, 50) })
            log.close()
        }
    }

    @Test func aNewerVersionIsRefusedUntouched() throws {
        let (disk, path, _, _) = try closedLog()
        var bytes: [UInt8] = Array("weir.log".utf8) + [2, 0, 0, 0]
        bytes += [UInt8](repeating: 0, count: 32)
        let checksum = crc32c(bytes)
        for shift in 0..<4 {
            bytes.append(UInt8(truncatingIfNeeded: checksum >> UInt32(8 * shift)))
        }
        disk.setContents(of: path, to: bytes)
        let error = #expect(throws: EventLogError.self) { try openLog(disk) }
        #expect(
            error
                == .corrupt(
                    CorruptionError(
                        file: "log/" + segmentName(0), offset: 8, expected: "segment version 1",
                        found: "2")))
        #expect(disk.contents(of: path) == bytes)
    }

    @Test func segmentsWithoutFramesAndHalfMadeOnesAreRemoved() throws {
        let (disk, path, bytes, _) = try closedLog()
        for name in [segmentName(4), segmentName(4) + ".new", segmentName(9) + ".new", "notes"] {
            let file = try File(disk, "/data/log/" + name, .create)
            try disk.preallocate(file.handle, byteCount: 100)
        }
        let log = try openLog(disk)
        #expect(log.end == LogPosition(4))
        #expect(try segmentNames(disk) == [segmentName(0), "notes"])
        #expect(disk.contents(of: path) == Array(bytes[..<(48 + 4 * 104)]))
        log.close()
    }
}

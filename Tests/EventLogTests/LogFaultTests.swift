import Base
import Disk
import EventLog
import Glibc
import Testing

@Suite struct LogFaultTests {
    /// Crashes at random steps: what was told to be synced is there after a power cut, what was
    /// told to be written after a kill; what is there is a gapless start of what was appended.
    @Test func whatWasToldIsThere() throws {
        let base = UInt64.random(in: 0..<1_000_000)
        for seed in base..<base + 150 {
            try crashOnce(seed: seed, power: seed % 3 != 0)
        }
    }

    private func crashOnce(seed: UInt64, power: Bool) throws {
        var random = SeededRandom(seed: seed)
        var disk = try makeDisk(seed: seed)
        var mustHave: [UInt64: [UInt8]] = [:]
        var known: [UInt64: Set<[UInt8]>] = [:]
        for _ in 0..<3 {
            disk.crash(atStep: disk.steps + Int.random(in: 1..<60, using: &random))
            guard let log = try? openLog(disk) else {
                disk = disk.afterPowerCut(seed: seed, keeping: 0.5)
                continue
            }
            let start = log.end.sequence
            let outcomes = Outcomes()
            for number in 0..<40 where !disk.hasCrashed {
                let size = Int.random(in: 0..<900, using: &random)
                outcomes.append(
                    payload(Int(seed) + number, size), to: log,
                    isDurable: random.chance(0.5))
                if random.chance(0.3) { outcomes.waitForAll() }
            }
            if !disk.hasCrashed { disk.crash() }
            log.close()
            outcomes.waitForAll()
            for told in outcomes.told {
                if case .success(let mark)? = told.written {
                    known[mark.position.sequence, default: []].insert(told.payload)
                    if !power { mustHave[mark.position.sequence] = told.payload }
                }
                if case .success(let mark)? = told.synced {
                    mustHave[mark.position.sequence] = told.payload
                }
            }
            // A payload may be on the disk though nobody was told so any more.
            for (index, told) in outcomes.told.enumerated() {
                for sequence in start...start + UInt64(index) {
                    known[sequence, default: []].insert(told.payload)
                }
            }
            disk =
                power
                ? disk.afterPowerCut(seed: seed, keeping: Double.random(in: 0...1, using: &random))
                : disk.afterKill(seed: seed)
            let again = try openLog(disk)
            let entries = try readAll(again)
            #expect(
                entries.map(\.mark.position.sequence) == entries.indices.map(UInt64.init),
                "seed \(seed)")
            #expect(again.damages.isEmpty, "seed \(seed)")
            for (sequence, payload) in mustHave {
                #expect(
                    sequence < UInt64(entries.count) && entries[Int(sequence)].payload == payload,
                    "seed \(seed): lost \(sequence) of \(entries.count)")
            }
            for entry in entries {
                #expect(
                    known[entry.mark.position.sequence]?.contains(entry.payload) == true,
                    "seed \(seed): \(entry.mark.position) was never appended")
            }
            again.close()
            // What was read once is durable from then on.
            mustHave = [:]
            for entry in entries { mustHave[entry.mark.position.sequence] = entry.payload }
        }
    }

    @Test func aFullDiskRefusesAndThenGoesOn() throws {
        let disk = try makeDisk(capacity: 10_000)
        let log = try openLog(disk)
        let outcomes = Outcomes()
        for number in 0..<30 {
            outcomes.append(payload(number, 500), to: log)
            outcomes.waitForAll()
        }
        let written = outcomes.told.count { (try? $0.written?.get()) != nil }
        #expect(written == 14)
        guard case .failure(.disk(let error))? = outcomes.told[29].written else {
            Issue.record("the disk was not full")
            return
        }
        #expect(error.code == ENOSPC)
        #expect(outcomes.told[29].synced == .failure(.disk(error)))
        #expect(log.end == LogPosition(14))
        #expect(log.metrics.failedAppends == 16)
        #expect(log.metrics.currentError == error)
        disk.setCapacity(.max)
        outcomes.append(payload(99, 500), to: log)
        outcomes.waitForAll()
        #expect(log.metrics.currentError == nil)
        log.close()
        let again = try openLog(disk.afterPowerCut(seed: 1, keeping: 0))
        #expect(
            try readAll(again).map(\.payload)
                == (0..<14).map { payload($0, 500) } + [payload(99, 500)])
        again.close()
    }

    @Test func aFailedWriteLeavesNoGarbage() throws {
        let disk = try makeDisk()
        let log = try openLog(disk)
        let outcomes = Outcomes()
        outcomes.append(payload(0, 300), to: log)
        outcomes.waitForAll()
        for number in 1..<40 {
            // Parts of frames, or whole ones, of equal and other lengths are left behind the end.
            disk.setFaults([.init(.write, code: EIO, pathPart: ".log", count: 1)])
            outcomes.append(payload(1_000 + number, 300), to: log)
            outcomes.waitForAll()
            disk.setFaults([])
            outcomes.append(payload(number, number % 2 == 0 ? 300 : 10), to: log)
            outcomes.waitForAll()
        }
        #expect(outcomes.told.count { $0.written == nil } == 0)
        // Only the repeated ones are there, also in the eyes of a process that starts now.
        let expected = (0..<40).map { payload($0, $0 % 2 == 0 ? 300 : 10) }
        #expect(try readAll(log).map(\.payload) == expected)
        let again = try openLog(disk.afterKill(seed: 1))
        #expect(try readAll(again).map(\.payload) == expected)
        again.close()
        log.close()
    }

    @Test func afterAFailedSyncEverythingIsWrittenAnew() throws {
        var options = tinyOptions()
        // The sync that fails is the one that was asked for, however slow the machine is.
        options.syncInterval = 86_400_000
        for seed in 0..<20 {
            let disk = try makeDisk(seed: UInt64(seed))
            let log = try openLog(disk, options)
            let outcomes = Outcomes()
            for number in 0..<3 { outcomes.append(payload(number, 300), to: log) }
            outcomes.waitForAll()
            _ = outcomes.waitForSynced(2)
            disk.setFaults([.init(.sync, code: EIO, count: 1)])
            outcomes.append(payload(3, 300), to: log, isDurable: false)
            let index = outcomes.append(payload(4, 300), to: log)
            guard case .failure(.disk(let error))? = outcomes.waitForSynced(index) else {
                Issue.record("the sync did not fail")
                return
            }
            #expect(error.code == EIO)
            #expect(error.path == "/data/log/" + segmentName(0))
            // It is in the log all the same, and is made durable without being asked.
            try log.sync(through: LogPosition(5))
            outcomes.append(payload(5, 300), to: log)
            _ = outcomes.waitForSynced(5)
            #expect(try readAll(log).map(\.payload) == (0..<6).map { payload($0, 300) })
            let left = disk.afterPowerCut(seed: UInt64(seed), keeping: Double(seed % 2) / 2)
            log.close()
            let again = try openLog(left)
            #expect(
                try readAll(again).map(\.payload) == (0..<6).map { payload($0, 300) },
                "seed \(seed)")
            again.close()
        }
    }

    @Test func aDiskThatFailsForLongIsOutlived() throws {
        let disk = try makeDisk()
        let log = try openLog(disk)
        let outcomes = Outcomes()
        outcomes.append(payload(0, 300), to: log)
        outcomes.waitForAll()
        disk.setFaults([.init(.sync, code: EIO), .init(.write, code: EIO)])
        outcomes.append(payload(1, 300), to: log)
        outcomes.waitForAll()
        #expect(throws: EventLogError.self) {
            outcomes.append(payload(2, 300), to: log, isDurable: false)
            outcomes.waitForAll()
            _ = try outcomes.told[2].written?.get()
        }
        disk.setFaults([.init(.sync, code: EIO)])
        let index = outcomes.append(payload(3, 300), to: log)
        #expect(throws: EventLogError.self) { try outcomes.waitForSynced(index)?.get() }
        outcomes.append(payload(4, 300), to: log)
        outcomes.waitForAll()
        #expect(throws: EventLogError.self) { try outcomes.told[4].written?.get() }
        disk.setFaults([])
        outcomes.append(payload(5, 300), to: log)
        outcomes.waitForAll()
        log.close()
        let again = try openLog(disk.afterPowerCut(seed: 1, keeping: 0))
        #expect(try readAll(again).map(\.payload) == [0, 3, 5].map { payload($0, 300) })
        again.close()
    }
}

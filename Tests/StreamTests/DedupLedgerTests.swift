import Base
import EventLog
import Stream
import Testing

/// The ledger with a dictionary: the same epoch rules, nothing else in common.
private struct NaiveLedger {
    let window: Milliseconds
    let idsMax: Int
    var epochs: [DedupLedger.Epoch] = []
    /// The number of the epoch that each id was last seen in.
    var lastSeen: [String: Int] = [:]
    var dropped = 0

    mutating func admit(_ ids: [String?], at mark: LogMark) -> [UInt32] {
        beginBlock(at: mark)
        var accepted: [UInt32] = []
        let current = dropped + epochs.count - 1
        for (row, id) in ids.enumerated() {
            guard let id else {
                accepted.append(UInt32(row))
                continue
            }
            let previous = lastSeen[id].flatMap { $0 >= dropped ? $0 : nil }
            if previous == nil { accepted.append(UInt32(row)) }
            if let previous { epochs[previous - dropped].idCount -= 1 }
            lastSeen[id] = current
            epochs[epochs.count - 1].idCount += 1
        }
        return accepted
    }

    private mutating func beginBlock(at mark: LogMark) {
        let isFull = (epochs.last?.idCount ?? .max) >= max(1, idsMax / 16)
        if isFull || mark.logTime - (epochs.last?.startTime ?? 0) >= max(1, window / 16) {
            epochs.append(
                DedupLedger.Epoch(
                    start: mark.position, startTime: mark.logTime, endTime: 0, idCount: 0))
        }
        epochs[epochs.count - 1].endTime = mark.logTime
        while epochs.count > 1 {
            let isOld = epochs[0].endTime <= mark.logTime - window
            let remembered = epochs.reduce(0) { $0 + $1.idCount }
            guard isOld || remembered > idsMax || epochs.count > 64 else { break }
            epochs.removeFirst()
            dropped += 1
        }
    }
}

private struct IdBlock {
    var ids: [String?]
    var mark: LogMark

    var table: StringTable { StringTable(ids.enumerated().map { $1 ?? "assigned \($0)" }) }

    var assigned: Bitmap {
        var bitmap = Bitmap(count: ids.count)
        for (row, id) in ids.enumerated() { bitmap[row] = id == nil }
        return bitmap
    }

    static func random(count: Int, rowsMax: Int, _ random: inout SeededRandom) -> [IdBlock] {
        var time: Milliseconds = 1_768_039_200_000
        return (0..<count).map { number in
            time += Milliseconds(random.oneIn(50) ? random.int(0..<3_000) : random.int(0..<20))
            let ids = (0..<random.int(0..<rowsMax)).map { _ -> String? in
                if random.oneIn(10) { return nil }
                let newest = number * rowsMax / 2 + 1
                return "id \(max(0, newest - random.int(0..<(random.oneIn(3) ? newest : 20))))"
            }
            return IdBlock(
                ids: ids, mark: LogMark(position: LogPosition(UInt64(number)), logTime: time))
        }
    }
}

private func admit(_ block: IdBlock, _ ledger: inout DedupLedger) -> [UInt32] {
    var accepted: [UInt32] = []
    ledger.beginBlock(at: block.mark)
    ledger.admit(block.table, assigned: block.assigned, into: &accepted)
    return accepted
}

@Suite struct DedupLedgerTests {
    @Test(arguments: [(1_000, 1_000_000), (100_000, 64), (160, 40), (5_000, 3), (1, 1)])
    func decidesAsANaiveLedger(window: Int, idsMax: Int) {
        var random = SeededRandom.fresh()
        let blocks = IdBlock.random(count: 1_000, rowsMax: random.int(1..<20) + 1, &random)
        var ledger = DedupLedger(window: Milliseconds(window), idsMax: idsMax)
        var naive = NaiveLedger(window: Milliseconds(window), idsMax: idsMax)
        for block in blocks {
            let accepted = admit(block, &ledger)
            let expected = naive.admit(block.ids, at: block.mark)
            guard accepted == expected, ledger.epochs == naive.epochs else {
                Issue.record("seed \(random.seed), block \(block.mark): \(accepted), \(expected)")
                return
            }
        }
        #expect(naive.dropped > 0 || window == 100_000, "seed \(random.seed) forgot nothing")
    }

    @Test(arguments: [(1_000, 1_000_000), (100_000, 64), (160, 40), (5_000, 3)])
    func aReplayFromTheOldestEpochDecidesAsIfItHadNeverStopped(window: Int, idsMax: Int) {
        var random = SeededRandom.fresh()
        let blocks = IdBlock.random(count: 400, rowsMax: 12, &random)
        var decisions: [[UInt32]] = []
        var replayPositions: [Int] = []
        var ledger = DedupLedger(window: Milliseconds(window), idsMax: idsMax)
        for block in blocks {
            decisions.append(admit(block, &ledger))
            replayPositions.append(Int(ledger.replayPosition?.sequence ?? 0))
        }
        for _ in 0..<20 {
            let stop = random.int(0..<blocks.count)
            var replayed = DedupLedger(window: Milliseconds(window), idsMax: idsMax)
            for block in blocks[replayPositions[stop]...stop] { _ = admit(block, &replayed) }
            for index in blocks.indices.dropFirst(stop + 1) {
                let accepted = admit(blocks[index], &replayed)
                guard accepted == decisions[index] else {
                    Issue.record("seed \(random.seed), stop \(stop), block \(index)")
                    return
                }
            }
            #expect(replayed.epochs == ledger.epochs, "seed \(random.seed), stop \(stop)")
        }
    }

    @Test func memoryStaysBelowTenBytesAnId() {
        let idsMax = 8_000
        var ledger = DedupLedger(window: 3_600_000, idsMax: idsMax)
        let perBlock = 250
        for number in 0..<128 {
            let ids = (0..<perBlock).map { "id \(number * perBlock + $0)" }
            let mark = LogMark(position: LogPosition(UInt64(number)), logTime: Milliseconds(number))
            let block = IdBlock(ids: ids, mark: mark)
            #expect(admit(block, &ledger).count == perBlock)
            #expect(ledger.byteCount <= idsMax * 10)
            #expect(ledger.idCount <= idsMax + perBlock)
            // What was admitted fifteen sixteenths of the ids ago is still known.
            let old = number - idsMax / perBlock / 16 * 15
            guard number % 20 == 0, old >= 0 else { continue }
            let again = IdBlock(ids: ["id \(old * perBlock + 7)"], mark: mark)
            #expect(admit(again, &ledger).isEmpty, "id of block \(old) at \(number)")
        }
    }

    @Test func ofEqualIdsInOneBlockTheFirstCounts() {
        var ledger = DedupLedger(window: 1_000, idsMax: 100)
        let mark = LogMark(position: .start, logTime: 5)
        let block = IdBlock(ids: ["a", "b", "a", nil, nil, "b", "c"], mark: mark)
        #expect(admit(block, &ledger) == [0, 1, 3, 4, 6])
        #expect(ledger.idCount == 3)
    }

    @Test func aDuplicateKeepsItsIdAlive() {
        var ledger = DedupLedger(window: 1_600, idsMax: 100)
        for step in 0..<100 {
            let mark = LogMark(
                position: LogPosition(UInt64(step)), logTime: Milliseconds(step * 900))
            #expect(admit(IdBlock(ids: ["a"], mark: mark), &ledger) == (step == 0 ? [0] : []))
        }
        let mark = LogMark(position: LogPosition(100), logTime: 99 * 900 + 1_800)
        #expect(admit(IdBlock(ids: ["a"], mark: mark), &ledger) == [0])
    }
}

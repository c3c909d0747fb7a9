import Base
import Disk
import Query
import Store
import TestSupport
import Testing

/// Events through decoder, log, stream and store, with flushes, merges, derivations and restarts
/// in between; whichever table answers, it answers what a loop over the events finds.
@Suite struct WholeWayTests {
    /// 12,000 queries and more in the full run.
    @Test(arguments: 0..<TestSizes.rounds(4, full: 60)) func everyTableAnswersAsTheEventsDo(
        round: Int
    ) throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("WholeWayTests seed \(seed)")
        var random = SeededRandom(seed: seed)
        let way = try WholeWay(
            FaultingDisk(seed: seed), MetricsPropertyTests.catalog, Self.options(&random))
        var events = WholeWayEvents()
        var asking = Asking(isRepeating: round % 2 == 1)
        let days = [1, 3, 70].randomElement(using: &random) ?? 1
        let span = Milliseconds(days) * CivilTime.millisecondsPerDay
        var time = base + 600_000
        while time < base + span {
            time += Milliseconds.random(in: 0..<span / 20, using: &random)
            try way.send(
                events.request(at: time, span: span, &random), receivedAt: time)
            try Self.work(way, &random)
            if random.chance(0.4) { try asking.ask(way, events, seed, &random) }
        }
        while try way.store.deriveOnce() {}
        while try way.store.mergeOnce() {}
        for _ in 0..<3 { try asking.ask(way, events, seed, &random) }
        way.close()
        #expect(asking.answerCount > (asking.isRepeating ? 5 : 30))
        #expect(events.rows.contains { $0.isLate })
    }

    static func options(_ random: inout SeededRandom) -> StoreOptions {
        var options = StoreOptions()
        options.granuleRows = [2, 7, 100].randomElement(using: &random) ?? 7
        options.partitionsPerFlush = 3
        options.mergeFanIn = 3
        options.mergeFanInMost = 5
        options.tierFloorBytes = 256
        options.tierFactor = 4
        options.mixedWaitFlushes = 1
        options.minimumFreeBytes = 0
        options.wideBytesLeast = 5_000
        options.mergesInBackground = false
        options.derivedTables = MetricsPropertyTests.catalog.derivedTables
        options.derivationRows = 15
        options.derivationWaitFlushes = 2
        options.fullDerivationRows = 40
        options.correctionDerivationRows = 20
        options.derivationSliceRows = Int.random(in: 5...100, using: &random)
        return options
    }

    static func work(_ way: WholeWay, _ random: inout SeededRandom) throws {
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            switch Int.random(in: 0..<12, using: &random) {
            case 0..<5: way.flush()
            case 5..<8: while try way.store.deriveOnce(), random.chance(0.8) {}
            case 8..<11: while try way.store.mergeOnce(), random.chance(0.8) {}
            default: try way.restart()
            }
        }
    }
}

/// Questions of every table that can answer, whose subtotals are kept, compared with a loop over
/// the events.
private struct Asking {
    /// Asks the same few questions again and again, while the parts change.
    let isRepeating: Bool
    let subtotals = SubtotalCache(budget: 64 << 20, rowsMin: 0, keepsAtOnce: true)
    private(set) var answerCount = 0
    private var questions: [Question] = []

    init(isRepeating: Bool) { self.isRepeating = isRepeating }

    mutating func ask(
        _ way: WholeWay, _ events: WholeWayEvents, _ seed: UInt64, _ random: inout SeededRandom
    ) throws {
        if questions.count < (isRepeating ? 4 : 100) { questions.append(randomQuestion(&random)) }
        let question = isRepeating ? questions.randomElement(using: &random) : questions.last
        try ask(try #require(question), way, events, seed)
    }

    private mutating func ask(
        _ question: Question, _ way: WholeWay, _ events: WholeWayEvents, _ seed: UInt64
    ) throws {
        let query = try MetricsQuery(
            parameters: question.parameters, catalog: MetricsPropertyTests.catalog,
            now: question.now)
        let expected = try naiveAnswer(question, events.rows)
        let view = way.store.view()
        let derived = MetricsPropertyTests.rollup.derivedTables.filter { !$0.isCorrections }
        var tables: Set<String> = []
        for forced in derived.map(\.name) + [nil, "views_minute"] {
            let executor = MetricsExecutor(
                catalog: MetricsPropertyTests.catalog, subtotals: subtotals, forcedTable: forced)
            let answer = try executor.execute(query, on: view)
            // One that cannot answer leaves the choice to the planner, which was asked already.
            if forced != nil, answer.meta.table != forced { continue }
            tables.insert(answer.meta.table)
            let context = "seed \(seed), \(question.parameters), by \(answer.meta.table)"
            // Not in one expression, which would print some thousand rows.
            let isEqual =
                lines(answer, question) == Array(expected.lines.prefix(QueryLimits().rows))
            #expect(isEqual, "\(context)")
            #expect(answer.meta.isTruncated == (expected.lines.count > QueryLimits().rows))
            #expect(answer.meta.corrections == expected.corrections, "\(context)")
            #expect(answer.meta.relativeError == nil && !answer.meta.isPartial, "\(context)")
        }
        #expect(tables.contains("views_minute"))
        answerCount += tables.count
    }
}

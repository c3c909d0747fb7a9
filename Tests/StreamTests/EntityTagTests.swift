import Base
import Query
import Store
import Testing

/// Random events by random flushes, merges, derivations, damage and restarts: after each step the
/// same questions are asked, and entity tags must tell their answers apart.
@Suite struct EntityTagTests {
    @Test(arguments: 0..<6) func equalTagsMeanEqualData(round: Int) throws {
        var random = SeededRandom.fresh()
        let schedule = try TagSchedule(&random)
        defer { schedule.store.close() }
        let questions = (0..<16).map { _ in TagQuestion(&random) }
        var dataOfTag: [String: String] = [:]
        var before = [Observation?](repeating: nil, count: questions.count)
        var figures = (same: 0, changed: 0, restarts: 0)
        // Damage leaves ever fewer answers whole, so half of the rounds go without.
        let damages = round.isMultiple(of: 2)
        let steps = TagSchedule.Step.allCases.filter { $0 != .damage || damages }
        for _ in 0..<60 {
            let step = try schedule.step(&random, of: steps)
            let view = schedule.store.view()
            for (index, question) in questions.enumerated() {
                let now = try question.observe(view, at: schedule.now)
                let what = "seed \(random.seed), \(step), \(question.parameters)"
                if let tag = now.tag {
                    #expect(dataOfTag[tag] ?? now.data == now.data, "\(what)")
                    dataOfTag[tag] = now.data
                }
                if let earlier = before[index], let earlierTag = earlier.tag, let tag = now.tag {
                    if step == .restart {
                        #expect(tag != earlierTag, "\(what)")
                        figures.restarts += 1
                    } else if earlier.events != now.events {
                        #expect(tag != earlierTag, "\(what)")
                        figures.changed += 1
                    } else if earlier.filled == now.filled, earlier.lossCount == now.lossCount {
                        #expect(tag == earlierTag, "\(what)")
                        figures.same += 1
                    }
                }
                before[index] = now
            }
        }
        let isWorthIt = figures.same > 20 && figures.changed > 2
        #expect(damages || isWorthIt, "\(figures), seed \(random.seed)")
    }

    @Test func emptyRangesStayTheSameWhileEventsCome() throws {
        var random = SeededRandom.fresh()
        let schedule = try TagSchedule(&random)
        defer { schedule.store.close() }
        let query = try MetricsQuery(
            parameters: [("metric", "views"), ("start", "2026-01-09"), ("end", "2026-01-10")],
            catalog: TagSchedule.catalog, now: 0)
        func tag() -> String? {
            query.answerKey(catalog: TagSchedule.catalog, on: schedule.store.view())?.entityTag
        }
        let first = tag()
        #expect(first != nil)
        let steps: [TagSchedule.Step] = [.take, .publish, .freeze, .commit, .merge, .derive]
        for _ in 0..<40 {
            let step = try schedule.step(&random, of: steps)
            #expect(tag() == first, "\(step), seed \(random.seed)")
        }
    }
}

/// What a question found at one instant.
private struct Observation {
    /// Nil of a partial answer.
    var tag: String?
    /// The answer without its `meta`.
    var data: String
    /// All that the rows in the range say.
    var events: String
    /// Up to which minute gaps are filled; minutes are finer than any bucket.
    var filled: Milliseconds
    var lossCount: Int
}

/// A query that is asked after each step.
private struct TagQuestion {
    var parameters: [(name: String, value: String)] = []
    private var range: [(name: String, value: String)] = []
    private let fills: Bool
    private let subtotals = SubtotalCache(budget: 16 << 20, rowsMin: 0, keepsAtOnce: true)

    init(_ random: inout SeededRandom) {
        let catalog = TagSchedule.catalog
        let metric = catalog.metrics[random.int(0..<catalog.metrics.count)]
        let minutes = Milliseconds(random.int(-12..<12))
        let start = TestBlock.startTime + minutes * 60_000 + Milliseconds(random.int(0..<60_000))
        let length = Milliseconds([1, 3, 10, 200][random.int(0..<4)]) * 60_000
        range = [("start", "\(start)"), ("end", "\(start + length)")]
        fills = random.oneIn(4)
        let granularity = Granularity.names[random.int(0..<Granularity.names.count)]
        parameters = range + [("metric", metric.name), ("granularity", granularity)]
        let dimensions = metric.dimensions.filter { _ in random.oneIn(2) }
        if !dimensions.isEmpty {
            parameters.append(("dimensions", dimensions.joined(separator: ",")))
        }
        if let filtered = metric.dimensions.last, random.oneIn(3) {
            parameters.append(
                ("filter.\(filtered)", ["75", "page_view", "click"][random.int(0..<3)]))
        }
        if random.oneIn(3) { parameters += [("limit", "2"), ("other", "\(random.int(0..<2))")] }
        if random.oneIn(4) { parameters.append(("timezone", "Asia/Kathmandu")) }
        if random.oneIn(5) { parameters.append(("format", "csv")) }
        if fills { parameters.append(("fill", "zero")) }
    }

    func observe(
        _ view: StoreView, at now: Milliseconds
    ) throws -> Observation {
        let catalog = TagSchedule.catalog
        let query = try MetricsQuery(parameters: parameters, catalog: catalog, now: now)
        let executor = MetricsExecutor(catalog: catalog)
        let answer = try executor.execute(query, on: view)
        let keeping = MetricsExecutor(catalog: catalog, subtotals: subtotals)
        let again = try keeping.execute(query, on: view)
        // What was added up before a part was damaged is still right.
        if !answer.meta.isPartial {
            #expect(data(again) == data(answer) && !again.meta.isPartial)
            #expect(again.meta.corrections == answer.meta.corrections)
        }
        let counted = catalog.metrics.first {
            $0.rollup == query.metric.rollup && $0.aggregate == .count
        }
        let all = try #require(counted)
        let minutes = try MetricsQuery(
            parameters: range + [
                ("metric", all.name), ("granularity", "minute"),
                ("dimensions", all.dimensions.joined(separator: ",")),
            ], catalog: catalog, now: now)
        let rows = try executor.execute(minutes, on: view)
        let key = query.answerKey(catalog: catalog, on: view)
        let filled = fills ? min(now, query.range.upperBound) / 60_000 : 0
        return Observation(
            tag: answer.meta.isPartial || rows.meta.isPartial ? nil : key?.entityTag,
            data: data(answer), events: data(rows), filled: filled,
            lossCount: view.losses.count)
    }

    private func data(_ answer: MetricsAnswer) -> String {
        let body = String(decoding: answer.body, as: UTF8.self)
        return body.split(separator: #","meta":{"#, maxSplits: 1).first.map(String.init) ?? ""
    }
}

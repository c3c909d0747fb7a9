import Base
import Disk
import PartFormat
import Store
import Testing

/// Checks that each table holds exactly the events from its horizon on.
///
/// `events`: all that were ever committed.
func checkHeld(
    _ view: StoreView, _ events: [TestEvent], _ tables: [DerivedTable], _ comment: Comment
) throws {
    let found = try contents(of: view)
    let raw = view.horizon(table: "events") ?? .min
    let base = view.horizon(table: "page_views_minute") ?? .min
    var expected = Twin()
    expected.add(events.filter { $0.time >= raw })
    let rows = found.events.filter { (Scenario.time(ofRow: $0) ?? .min) >= raw }
    #expect(rows == expected.events, "events: \(comment)")
    var minutes = Twin()
    minutes.add(events.filter { $0.bucket >= base })
    let cells = found.rollup.filter { (Scenario.bucket(ofKey: $0.key) ?? .min) >= base }
    #expect(cells == minutes.rollup, "page_views_minute: \(comment)")
    for table in tables where !table.isCorrections {
        let horizon = view.horizon(table: table.name) ?? .min
        var expected = DerivedCells()
        try expected.add(TestRows.rollup(events.filter { $0.bucket >= horizon }), as: table)
        var found = DerivedCells()
        for part in view.parts(table: table.name) { try found.add(part, as: table) }
        for part in view.sources(table: table.base, beyond: table.name) {
            try found.add(part, as: table)
        }
        // Before its horizon a table may hold something, and nobody counts on it.
        found.drop(before: horizon, width: table.tier.width)
        #expect(found == expected, "\(table.name): \(comment)")
    }
}

extension Scenario {
    static func time(ofRow text: String) -> Milliseconds? {
        text.split(separator: " ").first { $0.hasPrefix("timestamp=") }
            .flatMap { Milliseconds($0.dropFirst("timestamp=".count)) }
    }

    static func bucket(ofKey key: String) -> Milliseconds? {
        key.split(separator: "|").last.flatMap { Milliseconds($0) }
    }

    /// A flush at a watermark.
    static func batch(
        _ number: UInt64, _ events: [TestEvent], watermark: Milliseconds
    ) -> FlushBatch {
        let batch = batch(number, events)
        return FlushBatch(
            flushNumber: number, position: batch.position, replayPosition: batch.replayPosition,
            watermark: watermark, state: batch.state, parts: batch.parts)
    }

    /// Some time of a day, counted from the first of the test events.
    static func day(_ day: Int) -> Milliseconds {
        Milliseconds(20_000 + day) * CivilTime.millisecondsPerDay
    }

    /// Flushes and works until nothing is left to do.
    static func drain(
        _ store: Store, from flush: UInt64, watermark: Milliseconds
    ) throws -> UInt64 {
        var flush = flush
        for _ in 0..<5 {
            flush += 1
            try store.commit(batch(flush, [], watermark: watermark))
            for _ in 0..<3 {
                while try store.mergeOnce() {}
                while try store.deriveOnce() {}
            }
        }
        return flush
    }
}

extension DerivedCells {
    /// Forgets the buckets before a time.
    mutating func drop(before time: Milliseconds, width: Milliseconds) {
        if time == .min { return }
        remove { key in
            guard let bucket = key.split(separator: "|").first.flatMap({ Int64($0) }) else {
                return false
            }
            return bucket * width < time
        }
    }
}

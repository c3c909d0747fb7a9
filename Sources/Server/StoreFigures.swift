internal import Base
internal import Store

/// What the store says of itself, kept for the many figures of one scrape: finding what is due
/// looks at every part.
final class StoreFigures: Sendable {
    private static let keepNanoseconds: UInt64 = 200_000_000

    private struct Snapshot {
        var metrics = StoreMetrics()
        var time: UInt64?
    }

    private let store: Store
    private let snapshot = Locked(Snapshot())

    init(_ store: Store) { self.store = store }

    /// The figures, at most 0.2 s old.
    var metrics: StoreMetrics {
        snapshot.withLock { snapshot in
            let now = Clock.monotonicNanoseconds()
            if let time = snapshot.time, now - time < Self.keepNanoseconds {
                return snapshot.metrics
            }
            snapshot.metrics = store.metrics()
            snapshot.time = now
            return snapshot.metrics
        }
    }
}

internal import Base

/// What parts added to the queries asked last, so that a query asked again reads only the parts
/// that are new since.
///
/// Dashboards ask the same again and again, while only the newest parts change: the many rows of
/// the days before are added up once. A subtotal is kept from the second time on that it is asked
/// for, so that questions asked once cost no memory. Thread-safe.
package final class SubtotalCache: Sendable {
    /// One subtotal may take this share of the budget.
    private static let shareOfOne = 4
    /// What an entry takes beside its bytes.
    private static let overhead = 128

    /// What the cache says of a subtotal.
    enum Lookup {
        case found(Subtotal)
        /// It has been asked for before, and is worth being made.
        case wanted
        case unknown
    }

    /// Scans of fewer rows are not worth their place.
    let rowsMin: Int
    private let budget: Int
    private let keepsAtOnce: Bool
    /// Nil for what has been asked for once.
    private let entries: Locked<RecencyCache<SubtotalKey, Subtotal?>>

    /// A cache that keeps within so many bytes; 0 keeps nothing.
    ///
    /// `keepsAtOnce` keeps subtotals from the first time on.
    package init(budget: Int, rowsMin: Int = 1_024, keepsAtOnce: Bool = false) {
        self.budget = budget
        self.rowsMin = rowsMin
        self.keepsAtOnce = keepsAtOnce
        entries = Locked(RecencyCache(budget: budget))
    }

    /// What the entries take, in bytes.
    package var byteCount: Int { entries.withLock { $0.byteCount } }

    /// Finds a subtotal, and notes that it was asked for.
    func find(_ key: SubtotalKey) -> Lookup {
        guard budget > 0 else { return .unknown }
        let found = entries.withLock { $0.find(key) }
        switch found {
        case .some(.some(let subtotal)): return .found(subtotal)
        case .some(.none): return .wanted
        case .none:
            if keepsAtOnce { return .wanted }
            insert(nil, for: key)
            return .unknown
        }
    }

    /// Keeps a subtotal, unless it is too large.
    func insert(_ subtotal: Subtotal?, for key: SubtotalKey) {
        let byteCount = key.byteCount + (subtotal?.byteCount ?? 0) + Self.overhead
        guard byteCount <= budget / Self.shareOfOne else { return }
        // What goes is released outside of the lock.
        let gone = entries.withLock { $0.insert(subtotal, for: key, byteCount: byteCount) }
        _ = consume gone
    }
}

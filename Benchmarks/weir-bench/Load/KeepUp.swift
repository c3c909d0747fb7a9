internal import Base

/// How long after a load the background work was still behind: merges, and derivations where the
/// server has them.
struct KeepUp {
    /// Longer than the server's default time between two flushes.
    static let settleSeconds = 12.0
    private static let mergeGauge = "weir_merge_backlog_bytes"
    private static let derivationGauge = "weir_derivation_backlog_rows"
    private static let pollNanoseconds: UInt64 = 100_000_000

    /// Until merges had caught up, in seconds; 0 where they were never behind.
    private(set) var mergeSeconds = 0.0
    /// The most that merges were behind.
    private(set) var mergeBytesMost = 0
    /// As for merges; nil where the server has no such gauge.
    private(set) var derivationSeconds: Double?
    private(set) var derivationRowsMost = 0
    /// Whether nothing was behind in the end.
    private(set) var isOver = false

    /// Polls until nothing has been behind for `settleSeconds`, at most `limitSeconds`.
    ///
    /// The time to settle should be longer than a flush takes to come: the last flush of a load may
    /// make another merge due.
    init(_ client: Client, settleSeconds: Double, limitSeconds: Double) {
        let begun = Clock.monotonicNanoseconds()
        var lastBehind = 0.0
        while true {
            let passed = Double(Clock.monotonicNanoseconds() - begun) / 1e9
            guard passed < limitSeconds, let metrics = ServerMetrics(client) else { return }
            let bytes = Int(metrics[Self.mergeGauge])
            let rows = Int(metrics[Self.derivationGauge])
            mergeBytesMost = max(mergeBytesMost, bytes)
            derivationRowsMost = max(derivationRowsMost, rows)
            if bytes > 0 { mergeSeconds = passed }
            if metrics.has(Self.derivationGauge) {
                derivationSeconds = rows > 0 ? passed : derivationSeconds ?? 0
            }
            if bytes > 0 || rows > 0 { lastBehind = passed }
            isOver = bytes == 0 && rows == 0
            if isOver, passed - lastBehind >= settleSeconds { return }
            Clock.sleep(nanoseconds: Self.pollNanoseconds)
        }
    }

    func add(to report: inout Report) {
        report.add("merges behind for s", mergeSeconds)
        report.add("merges behind by at most MB", Double(mergeBytesMost) / 1e6)
        if let derivationSeconds {
            report.add("derivations behind for s", derivationSeconds)
            report.add("derivations behind by at most rows", derivationRowsMost)
        }
        if !isOver { report.add("caught up", "no") }
    }
}

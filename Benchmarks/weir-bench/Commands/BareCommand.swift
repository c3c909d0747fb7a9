internal import Base

/// `weir-bench bare`: what libmicrohttpd alone answers, one event a request.
struct BareCommand {
    private let seconds: Int
    private let connectionCount: Int
    private let threadCount: Int
    private let jsonPath: String?

    init(_ arguments: ArraySlice<String>) throws(UsageError) {
        var options = try Options(arguments, switches: [])
        seconds = max(1, try options.number("seconds", 10))
        threadCount = max(1, try options.number("threads", 1))
        connectionCount = max(threadCount, try options.number("connections", 64))
        jsonPath = options.optional("json")
        try options.finish()
    }

    /// Runs it; true if no request failed.
    func run() throws(UsageError) -> Bool {
        let load = try BareServer.measure(
            seconds: Double(seconds), connectionCount: connectionCount, threadCount: threadCount,
            seed: UInt64(Clock.now() & 0xFFFF), Catalogue())
        var report = Report("weir-bench bare")
        report.add("load", "single, \(connectionCount) connections, \(threadCount) threads")
        load.addRates(to: &report)
        report.add("latency", load.sent.latencies)
        report.add("failed requests", load.sent.failureText)
        try report.publish(jsonPath: jsonPath)
        return load.sent.failures.isEmpty && load.sent.requestCount > 0
    }
}

/// `weir-bench freshness`: reads the flags of a `FreshnessBenchmark` and runs it.
struct FreshnessCommand {
    private var benchmark: FreshnessBenchmark
    private let jsonPath: String?

    init(_ arguments: ArraySlice<String>) throws(UsageError) {
        var options = try Options(arguments, switches: [])
        benchmark = FreshnessBenchmark(address: try options.address())
        benchmark.count = try options.number("count", 200)
        jsonPath = options.optional("json")
        try options.finish()
    }

    /// Runs it; true if every event became visible within ten seconds.
    func run() throws(UsageError) -> Bool {
        let result = try benchmark.run()
        var report = Report(benchmark.title)
        report.add(all: result.report)
        try report.publish(jsonPath: jsonPath)
        return result.isRight
    }
}

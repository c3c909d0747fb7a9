internal import Base

/// `weir-bench ingest`: reads the flags of an `IngestBenchmark` and runs it.
struct IngestCommand {
    private var benchmark: IngestBenchmark
    private let jsonPath: String?

    init(_ arguments: ArraySlice<String>) throws(UsageError) {
        var options = try Options(arguments, switches: ["single", "bare", "keep-up", "no-check"])
        let address = try options.address()
        let isSingle = options.isOn("single")
        benchmark = IngestBenchmark(
            address: address, form: try Self.form(&options, isSingle: isSingle, address),
            seed: UInt64(try options.number("seed", Int(Clock.now() & 0xFFFF))))
        benchmark.seconds = Double(try options.number("seconds", 10))
        benchmark.eventLimit = try options.number("events", .max)
        benchmark.threadCount = max(1, try options.number("threads", 1))
        benchmark.connectionCount = max(
            benchmark.threadCount, try options.number("connections", isSingle ? 64 : 8))
        benchmark.rate = try options.number("rate", 0)
        benchmark.processId = try options.number("pid", 0)
        benchmark.comparesBare = options.isOn("bare")
        if benchmark.comparesBare, !isSingle { throw UsageError("--bare needs --single") }
        benchmark.settleSeconds = options.isOn("keep-up") ? KeepUp.settleSeconds : nil
        benchmark.checksCounts = !options.isOn("no-check")
        jsonPath = options.optional("json")
        try options.finish()
    }

    private static func form(
        _ options: inout Options, isSingle: Bool, _ address: Address
    ) throws(UsageError) -> RequestForm {
        let formName = options.text("form", "ndjson")
        guard let body = RequestForm.Body(rawValue: isSingle ? "single" : formName) else {
            throw UsageError("--form must be ndjson or json, not \(formName)")
        }
        let acknowledgement = options.text("ack", "queued")
        guard ["queued", "durable"].contains(acknowledgement) else {
            throw UsageError("--ack must be queued or durable, not \(acknowledgement)")
        }
        let batchSize = try options.number("batch", 1_000)
        return RequestForm(
            body: body, batchSize: isSingle ? 1 : max(1, batchSize),
            isDurable: acknowledgement == "durable", host: address.text)
    }

    /// Runs it; true if nothing failed, was dropped or was counted wrong.
    func run() throws(UsageError) -> Bool {
        let result = try benchmark.run()
        var report = Report(benchmark.title)
        report.add(all: result.report)
        try report.publish(jsonPath: jsonPath)
        return result.isRight
    }
}

internal import Base
internal import Glibc

/// All benchmarks of the design's table that concern ingest and dashboards, on servers of their
/// own.
struct FullRun {
    let binary: String
    /// Where data and report go; made if it is not there.
    let folder: String
    var fill: FillSettings
    /// Of the longest part, the batches; the others take a quarter of it.
    var seconds = 60.0
    /// Events a second of the open loops.
    var eventRate = 100_000
    var batchSize = 1_000
    var clientCounts = [4, 16]
    var seed: UInt64 = 1
    var settleSeconds = KeepUp.settleSeconds
    /// Further flags of both servers.
    var serverArguments: [String] = []

    private var shortSeconds: Double { seconds / 4 }

    /// An empty document with the settings of the run.
    var document: ReportDocument {
        ReportDocument(
            "Weir, measured",
            settings: [
                ("seconds", "\(seconds), \(shortSeconds) of the short parts"),
                ("open loop", "\(eventRate) events/s in batches of \(batchSize)"),
                ("server flags", serverArguments.joined(separator: " ")), ("seed", "\(seed)"),
            ])
    }

    /// Runs all and adds a section for each; true if all were right.
    func run(_ catalogue: Catalogue, into document: inout ReportDocument) throws(UsageError) -> Bool
    {
        if unsafe mkdir(folder, 0o755) != 0, errno != EEXIST {
            throw UsageError(failure: "cannot make \(folder): errno \(errno)")
        }
        let isIngestRight = try runIngest(catalogue, &document)
        return try runDashboards(catalogue, &document) && isIngestRight
    }

    private func runIngest(
        _ catalogue: Catalogue, _ document: inout ReportDocument
    ) throws(UsageError) -> Bool {
        let server = try ServerProcess(
            binary: binary, arguments: ["--data", "\(folder)/ingest"] + serverArguments,
            logPath: "\(folder)/ingest.log")
        defer { _ = server.stop() }
        var isRight = true
        for benchmark in ingestBenchmarks(server) {
            writeError("weir-bench: \(benchmark.title)\n")
            let result = try benchmark.run(catalogue)
            document.add(result.report)
            isRight = isRight && result.isRight
        }
        writeError("weir-bench: freshness\n")
        let fresh = try runFreshness(server.address, catalogue)
        document.add(fresh.report)
        return server.stop() && isRight && fresh.isRight
    }

    private func ingestBenchmarks(_ server: ServerProcess) -> [IngestBenchmark] {
        func benchmark(_ title: String, _ body: RequestForm.Body, isDurable: Bool = false)
            -> IngestBenchmark
        {
            let form = RequestForm(
                body: body, batchSize: body == .single ? 1 : batchSize, isDurable: isDurable,
                host: server.address.text)
            var benchmark = IngestBenchmark(
                title: title, address: server.address, form: form, seconds: shortSeconds,
                seed: seed, processId: Int(server.processId))
            if body == .single { benchmark.connectionCount = 64 }
            return benchmark
        }
        var all = [
            benchmark("Batches, closed loop", .ndjson), benchmark("Single events", .single),
            benchmark("Open loop, queued", .ndjson),
            benchmark("Open loop, durable", .ndjson, isDurable: true),
        ]
        for index in all.indices { all[index].seed = seed &+ UInt64(index) }
        all[0].seconds = seconds
        all[0].settleSeconds = settleSeconds
        all[1].comparesBare = true
        all[2].rate = max(1, eventRate / batchSize)
        all[3].rate = all[2].rate
        return all
    }

    /// Freshness while the open loop runs.
    private func runFreshness(
        _ address: Address, _ catalogue: Catalogue
    ) throws(UsageError) -> BenchmarkResult {
        let form = RequestForm(
            body: .ndjson, batchSize: batchSize, isDurable: false, host: address.text)
        let load = LoadRun(
            address: address, form: form, seconds: shortSeconds + 0.5, eventLimit: .max,
            connectionCount: 8, threadCount: 1, rate: max(1, eventRate / batchSize),
            seed: seed &+ 99)
        let background = BackgroundLoad(load, catalogue)
        var freshness = FreshnessBenchmark(title: "Freshness under the open loop", address: address)
        freshness.count = .max
        freshness.seconds = shortSeconds
        let measured = Result { () throws(UsageError) in try freshness.run() }
        var loadReport = Report(section: "")
        let isLoadRight = try background.end(&loadReport)
        var result = try measured.get()
        result.report.add(all: loadReport)
        result.isRight = result.isRight && isLoadRight
        return result
    }

    private func runDashboards(
        _ catalogue: Catalogue, _ document: inout ReportDocument
    ) throws(UsageError) -> Bool {
        writeError("weir-bench: dashboards\n")
        var report = Report(section: "Dashboards")
        let filled = try FilledRollups("\(folder)/dashboards", fill, catalogue, &report)
        let server = try filled.serve(binary, arguments: serverArguments, &report)
        defer { _ = server.stop() }
        var benchmark = DashboardBenchmark(address: server.address, truth: filled.truth)
        benchmark.eventRate = eventRate
        benchmark.batchSize = batchSize
        benchmark.seconds = shortSeconds
        benchmark.warmUpSeconds = min(5, shortSeconds / 3)
        benchmark.clientCounts = clientCounts
        benchmark.settleSeconds = settleSeconds
        benchmark.seed = seed &+ 77
        let result = try benchmark.run(catalogue)
        report.add(all: result.report)
        document.add(report)
        return server.stop() && result.isRight
    }
}

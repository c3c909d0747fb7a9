internal import Base

/// What a benchmark found, and whether it went as it should.
struct BenchmarkResult {
    var report: Report
    var isRight: Bool
}

/// Load for a time, then the figures and a check of every count.
struct IngestBenchmark {
    var title = "weir-bench ingest"
    var address: Address
    var form: RequestForm
    var seconds = 10.0
    var eventLimit = Int.max
    var connectionCount = 8
    var threadCount = 1
    /// Requests a second of an open loop; 0 for a closed one.
    var rate = 0
    var seed: UInt64
    /// The server's process, for its CPU and memory; 0 if it is not known.
    var processId = 0
    var checksCounts = true
    /// Whether single events go to a bare server first, for the ratio.
    var comparesBare = false
    /// How long merges must have been done after the load; nil does not wait for them.
    var settleSeconds: Double?

    /// Runs it; right if nothing failed, was dropped or was counted wrong.
    func run(_ catalogue: Catalogue = Catalogue()) throws(UsageError) -> BenchmarkResult {
        var report = Report(section: title)
        let client = Client(address: address)
        let bare = comparesBare ? try measureBare(catalogue) : nil
        guard let metricsBefore = ServerMetrics(client) else {
            throw UsageError(failure: "there is no Weir at \(address.text)")
        }
        let now = Clock.now()
        let check =
            checksCounts
            ? AnswerCheck(
                client, from: now - 2 * CivilTime.millisecondsPerHour,
                to: now + Milliseconds(seconds * 1_000) + CivilTime.millisecondsPerHour) : nil
        let usageBefore = ProcessUsage(processId: processId)
        let load = try LoadRun(
            address: address, form: form, seconds: seconds, eventLimit: eventLimit,
            connectionCount: connectionCount, threadCount: threadCount, rate: rate, seed: seed
        ).run(catalogue)
        let usageAfter = ProcessUsage(processId: processId)
        let keepUp = settleSeconds.map {
            KeepUp(client, settleSeconds: $0, limitSeconds: 600)
        }
        let visible = check.map { $0.waitUntilVisible(load.truth.eventCount, seconds: 60) } ?? nil
        guard let metricsAfter = ServerMetrics(client) else {
            throw UsageError(failure: "the server is gone")
        }
        addSettings(&report)
        addFigures(load, &report)
        if let bare { addBare(bare, load, &report) }
        let change = metricsAfter.change(since: metricsBefore)
        change.addCounts(to: &report)
        change.addUsage(
            from: usageBefore, to: usageAfter, eventCount: load.sent.eventCount, &report)
        keepUp?.add(to: &report)
        var isRight =
            load.sent.failures.isEmpty && load.sent.eventCount > 0
            && change["weir_events_dropped_total"] == 0 && keepUp?.isOver != false
        if let check {
            if keepUp == nil, let visible { report.add("all visible after s", visible) }
            let differences = check.differences(load.truth, catalogue)
            report.addVerdict("counts", differences)
            isRight = isRight && differences.isEmpty
        }
        return BenchmarkResult(report: report, isRight: isRight)
    }

    private func measureBare(_ catalogue: Catalogue) throws(UsageError) -> LoadRun.Outcome {
        try BareServer.measure(
            seconds: min(seconds, 10), connectionCount: connectionCount, threadCount: threadCount,
            seed: seed, catalogue)
    }

    private func addSettings(_ report: inout Report) {
        let loop = rate > 0 ? "open loop, \(rate) requests/s" : "closed loop"
        report.add(
            "load",
            "\(form.body.rawValue) × \(form.batchSize), \(connectionCount) connections, "
                + "\(threadCount) threads, \(loop), ack \(form.isDurable ? "durable" : "queued")")
        report.add("seed", Int(seed))
    }

    private func addFigures(_ load: LoadRun.Outcome, _ report: inout Report) {
        load.addRates(to: &report)
        report.add("latency", load.sent.latencies)
        if rate > 0 { report.add("sent late at most ms", Double(load.sent.waitingMax) / 1e6) }
        report.add("failed requests", load.sent.failureText)
        report.add("generator CPU s", Double(load.generatorNanoseconds) / 1e9)
        report.add("sender CPU s", Double(load.sent.cpuNanoseconds) / 1e9)
    }

    private func addBare(
        _ bare: LoadRun.Outcome, _ load: LoadRun.Outcome, _ report: inout Report
    ) {
        report.add("bare requests/s", Int(bare.requestsPerSecond))
        report.add("bare latency", bare.sent.latencies)
        report.add("share of bare", load.requestsPerSecond / max(1, bare.requestsPerSecond))
    }
}

extension LoadRun.Outcome {
    var requestsPerSecond: Double { Double(sent.requestCount) / max(seconds, 1e-9) }

    func addRates(to report: inout Report) {
        report.add("seconds", seconds)
        report.add("events", sent.eventCount)
        report.add("events/s", Int(Double(sent.eventCount) / max(seconds, 1e-9)))
        report.add("requests/s", Int(requestsPerSecond))
        report.add("MB/s", Double(sent.byteCount) / 1e6 / max(seconds, 1e-9))
    }
}

extension SendResult {
    /// How many requests failed, by status.
    var failureText: String {
        let texts = failures.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key)" }
        return texts.isEmpty ? "0" : texts.joined(separator: ", ")
    }
}

extension ServerMetrics {
    /// Adds what became of the events of a run.
    fileprivate func addCounts(to report: inout Report) {
        for name in ["accepted", "rejected", "dropped", "duplicate", "late", "skewed"] {
            report.add("server \(name)", Int(self["weir_events_\(name)_total"]))
        }
    }

    /// Adds CPU and memory, from /proc where the process is known, else from the server's page.
    fileprivate func addUsage(
        from before: ProcessUsage?, to after: ProcessUsage?, eventCount: Int,
        _ report: inout Report
    ) {
        let perEvent = 1e9 / Double(max(1, eventCount))
        if let before, let after {
            let used = after.cpuSeconds - before.cpuSeconds
            report.add("server CPU s", used)
            report.add("server CPU ns an event", used * perEvent)
            report.add("server resident MiB", after.residentBytes >> 20)
            report.add("server resident max MiB", after.residentBytesMax >> 20)
        } else if has("process_cpu_seconds_total") {
            let used = self["process_cpu_seconds_total"]
            report.add("server CPU s", used)
            report.add("server CPU ns an event", used * perEvent)
        }
    }
}

internal import Base
internal import Glibc
internal import Synchronization

/// `weir-bench ingest`: load for a time, then the figures and a check of every count.
struct IngestCommand {
    private let address: Address
    private let form: RequestForm
    private let seconds: Int
    private let eventLimit: Int
    private let connectionCount: Int
    private let threadCount: Int
    private let rate: Int
    private let seed: UInt64
    private let processId: Int
    private let jsonPath: String?
    private let checks: Bool

    init(_ arguments: ArraySlice<String>) throws(UsageError) {
        var options = try Options(arguments, switches: ["single", "no-check"])
        let url = options.text("url", "http://127.0.0.1:8080")
        guard let address = Address(url: url) else {
            throw UsageError("--url must be http://ADDRESS:PORT, not \(url)")
        }
        self.address = address
        let isSingle = options.isOn("single")
        let formName = options.text("form", "ndjson")
        guard let body = RequestForm.Body(rawValue: isSingle ? "single" : formName) else {
            throw UsageError("--form must be ndjson or json, not \(formName)")
        }
        let acknowledgement = options.text("ack", "queued")
        guard ["queued", "durable"].contains(acknowledgement) else {
            throw UsageError("--ack must be queued or durable, not \(acknowledgement)")
        }
        let batchSize = try options.number("batch", 1_000)
        form = RequestForm(
            body: body, batchSize: isSingle ? 1 : max(1, batchSize),
            isDurable: acknowledgement == "durable", host: address.text)
        seconds = try options.number("seconds", 10)
        eventLimit = try options.number("events", .max)
        threadCount = max(1, try options.number("threads", 1))
        connectionCount = max(threadCount, try options.number("connections", isSingle ? 64 : 8))
        rate = try options.number("rate", 0)
        seed = UInt64(try options.number("seed", Int(Clock.now() & 0xFFFF)))
        processId = try options.number("pid", 0)
        jsonPath = options.optional("json")
        checks = !options.isOn("no-check")
        try options.finish()
    }

    /// Runs it; true if nothing failed, was dropped or was counted wrong.
    func run() throws(UsageError) -> Bool {
        let client = Client(address: address)
        guard let metricsBefore = ServerMetrics(client) else {
            throw UsageError("there is no Weir at \(address.text)")
        }
        let catalogue = Catalogue()
        let now = Clock.now()
        let check =
            checks
            ? AnswerCheck(
                client, from: now - 2 * CivilTime.millisecondsPerHour,
                to: now + Milliseconds(seconds) * 1_000 + CivilTime.millisecondsPerHour) : nil
        let usageBefore = ProcessUsage(processId: processId)
        let load = try LoadRun(
            address: address, form: form, seconds: seconds, eventLimit: eventLimit,
            connectionCount: connectionCount, threadCount: threadCount, rate: rate, seed: seed
        ).run(catalogue)
        let usageAfter = ProcessUsage(processId: processId)
        let truth = load.truth
        let sent = load.sent
        let visible = check.map { $0.waitUntilVisible(truth.eventCount, seconds: 60) } ?? nil
        guard let metricsAfter = ServerMetrics(client) else {
            throw UsageError("the server is gone")
        }
        var report = Report("weir-bench ingest")
        addSettings(&report)
        addFigures(load, &report)
        func difference(_ name: String) -> Double { metricsAfter[name] - metricsBefore[name] }
        for name in ["accepted", "rejected", "dropped", "duplicate", "late", "skewed"] {
            report.add("server \(name)", Int(difference("weir_events_\(name)_total")))
        }
        if let before = usageBefore, let after = usageAfter {
            let used = after.cpuSeconds - before.cpuSeconds
            report.add("server CPU s", used)
            report.add("server CPU ns an event", used * 1e9 / Double(max(1, sent.eventCount)))
            report.add("server resident MiB", after.residentBytes >> 20)
            report.add("server resident max MiB", after.residentBytesMax >> 20)
        } else if metricsAfter.has("process_cpu_seconds_total") {
            let used = difference("process_cpu_seconds_total")
            report.add("server CPU s", used)
            report.add("server CPU ns an event", used * 1e9 / Double(max(1, sent.eventCount)))
            report.add(
                "server resident MiB", Int(metricsAfter["process_resident_memory_bytes"]) >> 20)
        }
        let failed = sent.failures.values.reduce(0, +)
        let dropped = difference("weir_events_dropped_total")
        var isRight = failed == 0 && dropped == 0 && sent.eventCount > 0
        if let check {
            if let visible { report.add("all visible after s", visible) }
            let differences = check.differences(truth, catalogue)
            let verdict = "\(differences.count) counts differ, \(differences.prefix(3))"
            report.add("counts", differences.isEmpty ? "all right" : verdict)
            isRight = isRight && differences.isEmpty
        }
        try report.publish(jsonPath: jsonPath)
        return isRight
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
        let sent = load.sent
        report.add("seconds", load.seconds)
        report.add("events", sent.eventCount)
        report.add("events/s", Int(Double(sent.eventCount) / load.seconds))
        report.add("requests/s", Int(Double(sent.requestCount) / load.seconds))
        report.add("MB/s", Double(sent.byteCount) / 1e6 / load.seconds)
        report.add("latency", sent.latencies)
        if rate > 0 { report.add("sent late at most ms", Double(sent.waitingMax) / 1e6) }
        let failures = sent.failures.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key)" }
        report.add("failed requests", failures.isEmpty ? "0" : failures.joined(separator: ", "))
        report.add("generator CPU s", Double(load.generatorNanoseconds) / 1e9)
        report.add("sender CPU s", Double(sent.cpuNanoseconds) / 1e9)
    }
}

internal import Base

/// `weir-bench dashboards`: fills rollups unless that is done, and runs the mix over them.
///
/// With `--binary` it starts the server itself; with `--url` it takes a running one, which must
/// serve the directory of `--data`.
struct DashboardsCommand {
    private let binary: String?
    private let address: Address
    private let directory: String
    private let wanted: FillSettings
    private let eventRate: Int
    private let seconds: Int
    private let clientCounts: [Int]
    private let jsonPath: String?

    init(_ arguments: ArraySlice<String>) throws(UsageError) {
        var options = try Options(arguments, switches: [])
        binary = options.optional("binary")
        address = try options.address()
        guard let data = options.optional("data") else {
            throw UsageError("--data names the directory of the rollups")
        }
        directory = data
        wanted = try options.fill()
        eventRate = try options.number("rate", 100_000)
        seconds = max(1, try options.number("seconds", 20))
        clientCounts = try options.numbers("clients", [4, 16])
        jsonPath = options.optional("json")
        try options.finish()
    }

    /// Runs it; true if every answer agreed with the truth and no event was lost.
    func run() throws(UsageError) -> Bool {
        var report = Report("weir-bench dashboards")
        let catalogue = Catalogue()
        let filled = try FilledRollups(directory, wanted, catalogue, &report)
        let server = try binary.map { binary throws(UsageError) in
            try filled.serve(binary, arguments: [], &report)
        }
        defer { _ = server?.stop() }
        var benchmark = DashboardBenchmark(
            address: server?.address ?? address, truth: filled.truth)
        benchmark.eventRate = eventRate
        benchmark.seconds = Double(seconds)
        benchmark.clientCounts = clientCounts
        benchmark.seed = UInt64(Clock.now() & 0xFFFF)
        let result = try benchmark.run(catalogue)
        report.add(all: result.report)
        try report.publish(jsonPath: jsonPath)
        return result.isRight
    }
}

/// A data directory with filled rollups, and what they add up to.
struct FilledRollups {
    let directory: String
    let truth: DashboardTruth

    /// Fills the directory, or counts again what it was filled with before.
    init(
        _ directory: String, _ wanted: FillSettings, _ catalogue: Catalogue,
        _ report: inout Report
    ) throws(UsageError) {
        self.directory = directory
        let found = RollupFill.settings(of: directory)
        let settings = found ?? wanted
        report.add(
            "rollups",
            "\(settings.eventCount) events over \(settings.days) days up to "
                + "\(CivilTime(settings.end).text), seed \(settings.seed)")
        if found != nil {
            truth = RollupFill.truth(settings, catalogue)
        } else if !readText("\(directory)/FORMAT").isEmpty {
            throw UsageError(
                failure: "\(directory) holds data that is not filled rollups, or not all of them")
        } else {
            truth = try RollupFill.run(settings, catalogue, directory: directory, &report)
        }
    }

    /// Starts a server over it.
    func serve(
        _ binary: String, arguments: [String], _ report: inout Report
    ) throws(UsageError) -> ServerProcess {
        let begun = Clock.monotonicNanoseconds()
        let server = try ServerProcess(
            binary: binary, arguments: ["--data", directory] + arguments,
            logPath: directory + ".log")
        report.add("opened in s", Double(Clock.monotonicNanoseconds() - begun) / 1e9)
        return server
    }
}

extension Options {
    /// What rollups are to be filled with.
    mutating func fill() throws(UsageError) -> FillSettings {
        let end = try instant("end") ?? FillSettings.latestEnd(now: Clock.now())
        guard end % CivilTime.millisecondsPerHour == 0 else {
            throw UsageError("--end must be a full hour")
        }
        return FillSettings(
            eventCount: max(1, try number("events", 100_000_000)),
            days: max(1, try number("days", 30)), seed: try number("fill-seed", 1), end: end)
    }

    /// Numbers with commas between them.
    mutating func numbers(_ name: String, _ fallback: [Int]) throws(UsageError) -> [Int] {
        guard let text = optional(name) else { return fallback }
        return try text.split(separator: ",").map { part throws(UsageError) in
            guard let number = Int(part), number > 0 else {
                throw UsageError("--\(name) must be numbers with commas, not \(text)")
            }
            return number
        }
    }
}

internal import Base

/// `weir-bench store`: what a flush and a merge cost, without a server.
struct StoreCommand {
    private let eventCount: Int
    private let flushEvents: Int
    private let seed: UInt64
    private let directory: String
    private let jsonPath: String?

    init(_ arguments: ArraySlice<String>) throws(UsageError) {
        var options = try Options(arguments, switches: [])
        eventCount = max(1, try options.number("events", 4_000_000))
        flushEvents = max(1, try options.number("flush-events", 250_000))
        seed = UInt64(try options.number("seed", 1))
        guard let directory = options.optional("data") else {
            throw UsageError("--data says where the store goes")
        }
        self.directory = directory
        jsonPath = options.optional("json")
        try options.finish()
    }

    /// Runs it; true if all rows came back.
    func run() throws(UsageError) -> Bool {
        let report = try measure()
        try report.publish(jsonPath: jsonPath)
        return report["rows"].string == "all right"
            && report["memory of merges"].string == "all right"
    }

    /// The report, which the suite checks.
    func measure() throws(UsageError) -> Report {
        var report = Report("weir-bench store")
        var differences: [String] = []
        var excesses: [String] = []
        for withRollups in [false, true] {
            let name = withRollups ? "all built-in tables" : "raw events alone"
            let result = try StoreBenchmark(
                eventCount: eventCount, flushEvents: flushEvents, seed: seed,
                directory: "\(directory)/\(withRollups ? "rollups" : "raw")",
                withRollups: withRollups
            ).run()
            differences += result.differences
            let millions = Double(result.eventCount) / 1e6
            report.add("\(name): events", result.eventCount)
            report.add(
                "\(name): flush of a million, CPU s", result.flush.processorSeconds / millions)
            report.add("\(name): flush of a million, s", result.flush.wallSeconds / millions)
            report.add(
                "\(name): million rows merged a CPU second",
                Double(result.mergedRows) / 1e6 / max(1e-9, result.merge.processorSeconds))
            report.add(
                "\(name): million rows merged a second",
                Double(result.mergedRows) / 1e6 / max(1e-9, result.merge.wallSeconds))
            report.add("\(name): rows merged", result.mergedRows)
            report.add(
                "\(name): memory of merges, MiB", Double(result.mergeMemoryBytes) / 1_048_576)
            report.add("\(name): raw parts after merges", result.partCount)
            report.add(
                "\(name): raw bytes an event, flushed",
                Double(result.flushedBytes) / Double(result.eventCount))
            report.add(
                "\(name): raw bytes an event, merged",
                Double(result.mergedBytes) / Double(result.eventCount))
        }
        for (index, kind) in LargestMerge.Kind.allCases.enumerated() {
            let (bytes, bound) = try LargestMerge(
                kind: kind, entryCount: min(500_000, max(1_000, eventCount / 8)), seed: seed,
                directory: "\(directory)/largest-\(index)"
            ).run()
            report.add(
                "largest merge, \(kind.rawValue): memory, MiB", Double(bytes) / 1_048_576)
            if bytes > bound {
                excesses.append("\(kind.rawValue): \(bytes) of \(bound) bytes")
            }
        }
        let resident = ProcessUsage.current?.residentBytesMax ?? 0
        report.add("resident at most, MB", Double(resident) / 1e6)
        report.addVerdict("rows", differences)
        report.addVerdict("memory of merges", excesses)
        return report
    }
}

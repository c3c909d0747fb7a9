internal import Base
internal import Disk
internal import Store

/// `weir-bench open`: how long a data directory of many parts takes to open.
struct OpenCommand {
    private let directory: String
    private let fill: PartFill
    private let passCount: Int
    private let jsonPath: String?

    init(_ arguments: ArraySlice<String>) throws(UsageError) {
        var options = try Options(arguments, switches: [])
        directory = options.text("data", "")
        fill = PartFill(
            partCount: max(1, try options.number("parts", 10_000)),
            rowsPerPart: max(1, try options.number("rows", 100)))
        passCount = max(1, try options.number("passes", 5))
        jsonPath = options.optional("json")
        try options.finish()
        if directory.isEmpty { throw UsageError("--data names a directory that is made") }
    }

    /// Runs it; true if all parts were there.
    func run() throws(UsageError) -> Bool {
        let report = try measure()
        try report.publish(jsonPath: jsonPath)
        return report["parts are there"].string == "all right"
    }

    /// The report, which the suite checks.
    func measure() throws(UsageError) -> Report {
        var report = Report("weir-bench open")
        do throws(StoreError) {
            let disk = LinuxDisk()
            let written = try fill.run(directory, disk)
            var seconds: [Double] = []
            var wrong: [String] = []
            for pass in 0..<passCount {
                let begun = Clock.monotonicNanoseconds()
                let store = try PartFill.open(directory, disk)
                seconds.append(Double(Clock.monotonicNanoseconds() - begun) / 1e9)
                let metrics = store.metrics()
                let found = metrics.tables.reduce(0) { $0 + $1.partCount }
                if found != written || store.recovery.partCount != written {
                    wrong.append("pass \(pass): \(found) of \(written)")
                }
                if pass == 0 { addFigures(metrics, &report) }
                store.close()
            }
            seconds.sort()
            report.add("open s, best", seconds[0])
            report.add("open s, median", seconds[seconds.count / 2])
            report.add("open µs a part, best", seconds[0] * 1e6 / Double(written))
            report.addVerdict("parts are there", wrong)
        } catch {
            throw UsageError(failure: "cannot fill \(directory): \(error)")
        }
        return report
    }

    private func addFigures(_ metrics: StoreMetrics, _ report: inout Report) {
        report.add("parts", metrics.tables.reduce(0) { $0 + $1.partCount })
        report.add("rows", metrics.tables.reduce(0) { $0 + $1.rowCount })
        report.add("bytes of parts", metrics.tables.reduce(0) { $0 + $1.byteCount })
        report.add("bytes of the manifest", metrics.manifestBytes)
    }
}

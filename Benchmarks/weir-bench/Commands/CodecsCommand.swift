internal import Base

/// `weir-bench codecs`: what each encoding takes and how fast it is, beside LZ4 and Zstd alone.
struct CodecsCommand {
    private let benchmark: CodecBenchmark
    private let jsonPath: String?
    private let only: String?

    init(_ arguments: ArraySlice<String>) throws(UsageError) {
        var options = try Options(arguments, switches: [])
        benchmark = CodecBenchmark(
            rowCount: max(1, try options.number("rows", 8_192)),
            blockCount: max(1, try options.number("blocks", 64)),
            passCount: max(1, try options.number("passes", 30)),
            seed: UInt64(try options.number("seed", 1)))
        only = options.optional("only")
        jsonPath = options.optional("json")
        try options.finish()
    }

    /// Runs it; true if all values came back.
    func run() throws(UsageError) -> Bool {
        let report = try measure()
        try report.publish(jsonPath: jsonPath)
        return report["round trips"].string == "all right"
    }

    /// The report, which the suite checks.
    func measure() throws(UsageError) -> Report {
        var report = Report("weir-bench codecs")
        report.add("rows of a block", benchmark.rowCount)
        let blockBytes = benchmark.rowCount * 8
        report.add("copy within the cache, GB/s", benchmark.copySpeed(byteCount: blockBytes))
        report.add("copy in memory, GB/s", benchmark.copySpeed(byteCount: 64 << 20))
        var rows: [[JSONValue]] = []
        var wrong: [String] = []
        for subject in CodecCase.all where only == nil || only == "\(subject.encoding)" {
            let result = try benchmark.measure(subject)
            rows.append(row(result))
            if !result.isRight { wrong.append("\(subject.encoding), \(subject.values)") }
        }
        report.addVerdict("round trips", wrong)
        report.addTable("encodings", Self.columns, rows)
        if only == nil { report.addTable("filters", FilterBenchmark.columns, try filters()) }
        return report
    }

    private static let columns = [
        "encoding", "kind", "case", "values", "chosen", "bytes a row", "encode GB/s",
        "decode GB/s", "LZ4 bytes a row", "LZ4 decode GB/s", "Zstd 1 bytes a row",
        "Zstd 1 decode GB/s",
    ]

    private func filters() throws(UsageError) -> [[JSONValue]] {
        var rows: [[JSONValue]] = []
        for bits in [4, 7, 10] {
            let filter = FilterBenchmark(bits: bits, pageCount: benchmark.blockCount)
            rows.append(try filter.measure(passes: benchmark.passCount))
        }
        return rows
    }

    private func row(_ result: CodecBenchmark.Result) -> [JSONValue] {
        let subject = result.subject
        return [
            .string("\(subject.encoding)"), .string(result.kind), .string(subject.fit.rawValue),
            .string(subject.values), .string("\(result.chosen)"), figure(result.bytesPerRow),
            figure(result.encodeSpeed), figure(result.decodeSpeed),
        ]
            + result.others.flatMap { other -> [JSONValue] in
                guard let other else { return [.string("–"), .string("–")] }
                return [figure(other.bytesPerRow), figure(other.decodeSpeed)]
            }
    }

    private func figure(_ number: Double) -> JSONValue {
        .number((number * 1_000).rounded() / 1_000)
    }
}

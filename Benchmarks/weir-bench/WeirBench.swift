internal import Base
internal import CLinux
internal import Glibc

/// The commands of weir-bench.
@main
enum WeirBench {
    /// 2026-01-05T00:00:00Z, a Monday.
    private static let generatedStart: Milliseconds = 1_767_571_200_000
    private static let usage = """
        weir-bench generate   --events N [--seed S] [--start RFC3339] [--out FILE|-]
        weir-bench ingest     [--url http://127.0.0.1:8080] [--seconds 10 | --events N]
                              [--batch 1000 | --single [--bare]] [--connections 8] [--threads 1]
                              [--rate REQUESTS/S] [--ack queued|durable] [--form ndjson|json]
                              [--seed S] [--pid PID] [--json FILE] [--keep-up] [--no-check]
        weir-bench bare       [--seconds 10] [--connections 64] [--threads 1] [--json FILE]
        weir-bench freshness  [--url http://127.0.0.1:8080] [--count 200] [--json FILE]
        weir-bench dashboards --data DIR (--binary WEIR | --url http://127.0.0.1:8080)
                              [--events 100000000] [--days 30] [--fill-seed 1] [--end RFC3339]
                              [--rate EVENTS/S] [--seconds 20] [--clients 4,16] [--json FILE]
        weir-bench report     --binary WEIR --out DIR [--seconds 60] [--rate EVENTS/S]
                              [--events 100000000] [--days 30] [--clients 4,16] [--seed S]
        weir-bench codecs     [--rows 8192] [--blocks 64] [--passes 30] [--seed 1] [--only NAME]
                              [--json FILE]
        weir-bench open       --data DIR [--parts 10000] [--rows 100] [--passes 5] [--json FILE]
        weir-bench store      --data DIR [--events 4000000] [--flush-events 250000] [--seed 1]
                              [--json FILE]
        weir-bench queries    --data DIR [--events 1000000] [--seed 1] [--threads 2] [--passes 7]
                              [--only Q1,Q5] [--json FILE]
        weir-bench demo       [--url http://127.0.0.1:8080] [--rate 500] [--seconds 0] [--seed S]
        """

    static func main() {
        // A server that goes away must be an error of one connection, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        ServerProcess.endWithThisProcess()
        let arguments = CommandLine.arguments.dropFirst()
        do throws(UsageError) {
            switch arguments.first {
            case "generate": try generate(arguments.dropFirst())
            case "ingest": exit(try IngestCommand(arguments.dropFirst()).run() ? 0 : 1)
            case "bare": exit(try BareCommand(arguments.dropFirst()).run() ? 0 : 1)
            case "dashboards": exit(try DashboardsCommand(arguments.dropFirst()).run() ? 0 : 1)
            case "report": exit(try ReportCommand(arguments.dropFirst()).run() ? 0 : 1)
            case "codecs": exit(try CodecsCommand(arguments.dropFirst()).run() ? 0 : 1)
            case "open": exit(try OpenCommand(arguments.dropFirst()).run() ? 0 : 1)
            case "store": exit(try StoreCommand(arguments.dropFirst()).run() ? 0 : 1)
            case "queries": exit(try QueriesCommand(arguments.dropFirst()).run() ? 0 : 1)
            case "demo": try DemoCommand(arguments.dropFirst()).run()
            case "freshness": exit(try FreshnessCommand(arguments.dropFirst()).run() ? 0 : 1)
            default: throw UsageError("which command?")
            }
        } catch {
            let help = error.isOfCommandLine ? "\n\(usage)\n" : ""
            writeError("weir-bench: \(error.message)\n\(help)")
            exit(error.isOfCommandLine ? 2 : 1)
        }
    }

    /// Writes events as NDJSON, 1,000 a second of event time, and their counts to stderr.
    private static func generate(_ arguments: ArraySlice<String>) throws(UsageError) {
        var options = try Options(arguments, switches: [])
        let count = try options.number("events", 1_000_000)
        let seed = try options.number("seed", 1)
        let out = options.text("out", "-")
        let start = try options.instant("start") ?? generatedStart
        try options.finish()
        let file =
            out == "-" ? STDOUT_FILENO : unsafe weir_open(out, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        guard file >= 0 else {
            throw UsageError("cannot write \(out): errno \(errno)")
        }
        let begun = Clock.monotonicNanoseconds()
        var generator = EventGenerator(Catalogue(), seed: UInt64(seed))
        var buffer = ByteBuffer(capacity: 2 << 20)
        for index in 0..<count {
            generator.append(at: start + Milliseconds(index), to: &buffer)
            buffer.append(UInt8(ascii: "\n"))
            if buffer.count > 1 << 20 || index == count - 1 {
                unsafe buffer.withBytes(0..<buffer.count) { unsafe writeAll($0, to: file) }
                buffer.removeAll()
            }
        }
        let seconds = Double(Clock.monotonicNanoseconds() - begun) / 1e9
        let truth = generator.truth
        writeError(
            "\(truth.lineCount) lines, \(truth.eventCount) distinct events, \(truth.lateCount) "
                + "late, \(truth.viewerCount) users with page views, \(seconds) s\n")
    }
}

/// Writes text to standard error.
func writeError(_ text: String) {
    var text = text
    text.withUTF8 { unsafe writeAll(UnsafeRawBufferPointer($0), to: STDERR_FILENO) }
}

/// Writes all bytes, or ends the process: a benchmark whose output is lost is of no use.
func writeAll(_ bytes: UnsafeRawBufferPointer, to file: Int32) {
    var written = 0
    while written < bytes.count {
        let count = unsafe write(
            file, bytes.baseAddress?.advanced(by: written), bytes.count - written)
        invariant(count > 0, "write failed: errno \(errno)")
        written += count
    }
}

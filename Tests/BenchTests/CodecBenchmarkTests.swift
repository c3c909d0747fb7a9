import Testing

@testable import weir_bench

@Suite("Benchmark of encodings")
struct CodecBenchmarkTests {
    @Test("all cases come back, a few values at a time")
    func tinyRun() throws {
        for rows in ["600", "2000"] {
            let command = try CodecsCommand(["--rows", rows, "--blocks", "2", "--passes", "1"])
            let report = try command.measure()
            #expect(report["round trips"].string == "all right")
            #expect(report["rows of a block"].number == Double(rows))
            #expect(report.json["encodings"].items.count == CodecCase.all.count)
        }
    }
}

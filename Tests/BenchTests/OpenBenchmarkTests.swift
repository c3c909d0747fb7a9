import Foundation
import Testing

@testable import weir_bench

@Suite("Benchmark of opening")
struct OpenBenchmarkTests {
    @Test("all parts are there, a few of them")
    func tinyRun() throws {
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("weir-open-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        let command = try OpenCommand(
            ["--data", directory.path, "--parts", "40", "--rows", "3", "--passes", "2"])
        let report = try command.measure()
        #expect(report["parts are there"].string == "all right")
        #expect(report["parts"].number == 40)
        #expect(report["rows"].number == 120)
    }
}

import Testing

@testable import weir_bench

extension Benchmarks {
    @Suite("Store benchmark")
    struct StoreBenchmarkTests {
        @Test("all rows come back, merged")
        func rowsComeBack() throws {
            try withFolder { folder in
                let report = try StoreCommand([
                    "--data", folder, "--events", "2000", "--flush-events", "200",
                ]).measure()
                #expect(report["rows"].string == "all right")
                for name in ["raw events alone", "all built-in tables"] {
                    #expect((report["\(name): events"].number ?? 0) > 1_900)
                    #expect((report["\(name): rows merged"].number ?? 0) > 1_000)
                    #expect((report["\(name): raw parts after merges"].number ?? 99) < 10)
                }
            }
        }

        @Test("a store that exists is not touched")
        func refusesAnother() throws {
            try withFolder { folder in
                let arguments: ArraySlice = ["--data", folder, "--events", "10"]
                _ = try StoreCommand(arguments).measure()
                #expect(throws: UsageError.self) { try StoreCommand(arguments).measure() }
            }
        }
    }
}

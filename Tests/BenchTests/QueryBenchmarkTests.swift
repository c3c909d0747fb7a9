import Testing

@testable import weir_bench

extension Benchmarks {
    @Suite("Query benchmark")
    struct QueryBenchmarkTests {
        @Test("all queries are answered, and the same on one thread and on several")
        func threadsDoNotShow() throws {
            try withFolder { folder in
                let answers = try ["1", "4"].map { threads in
                    let report = try QueriesCommand([
                        "--data", folder, "--events", "4000", "--passes", "1",
                        "--threads", threads,
                    ]).measure()
                    #expect((report["raw rows"].number ?? 0) > 3_900)
                    return report["answers"].string
                }
                #expect(answers[0] == answers[1])
                #expect(answers[0]?.split(separator: " ").count == QuerySet.queries.count)
            }
        }
    }
}

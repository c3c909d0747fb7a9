import Foundation
import Testing

@testable import weir_bench

extension Benchmarks {
    @Suite("Ingest benchmark")
    struct IngestBenchmarkTests {
        private func benchmark(
            _ server: ServerProcess, _ body: RequestForm.Body, batchSize: Int
        ) -> IngestBenchmark {
            IngestBenchmark(
                address: server.address,
                form: RequestForm(
                    body: body, batchSize: batchSize, isDurable: false, host: server.address.text),
                seconds: 0.5, connectionCount: 3, seed: 7, processId: Int(server.processId))
        }

        @Test("a closed loop counts what it sent, and finds it in the answers")
        func closedLoop() throws {
            try withServer { server in
                var load = benchmark(server, .json, batchSize: 100)
                load.eventLimit = 5_000
                load.seconds = 30
                load.settleSeconds = settleSeconds
                let result = try load.run(catalogue)
                #expect(result.isRight, "\(result.report.markdown)")
                #expect(result.report["events"].number == 5_000)
                #expect(result.report["counts"].string == "all right")
                let accepted = try #require(result.report["server accepted"].number)
                let repeated = try #require(result.report["server duplicate"].number)
                #expect(accepted == 5_000 && repeated > 0)
                #expect(result.report["merges behind for s"].number != nil)
            }
        }

        @Test("an open loop sends at its rate, and counts latency from when a request was due")
        func openLoop() throws {
            try withServer { server in
                var load = benchmark(server, .ndjson, batchSize: 50)
                load.rate = 80
                let result = try load.run(catalogue)
                #expect(result.isRight, "\(result.report.markdown)")
                #expect(result.report["events"].number == 2_000)
                let seconds = try #require(result.report["seconds"].number)
                #expect(seconds > 0.45)
                let late = try #require(result.report["sent late at most ms"].number)
                let slowest = try #require(result.report["latency max ms"].number)
                #expect(slowest + 0.01 >= late)
            }
        }

        @Test("each request is sent once, also where a chunk is answered before the next is taken")
        func chunks() throws {
            try withServer { server in
                // With one connection that is so at the end of every chunk of 1,000 requests.
                var load = benchmark(server, .single, batchSize: 1)
                load.connectionCount = 1
                load.eventLimit = 3_000
                load.seconds = 30
                let result = try load.run(catalogue)
                #expect(result.isRight, "\(result.report.markdown)")
                #expect(result.report["events"].number == 3_000)
                #expect(result.report["server accepted"].number == 3_000)
            }
        }

        @Test("counts that are not those of the run are found")
        func wrongCounts() throws {
            try withServer { server in
                let client = Client(address: server.address)
                let now = Int64(Date().timeIntervalSince1970 * 1_000)
                let hour: Int64 = 3_600_000
                let check = AnswerCheck(client, from: now - 2 * hour, to: now + hour)
                var load = benchmark(server, .ndjson, batchSize: 100)
                load.eventLimit = 300
                load.checksCounts = false
                let sent = try load.run(catalogue)
                #expect(sent.isRight)
                #expect(check.waitUntilVisible(290, seconds: 10) != nil)
                #expect(!check.differences(GroundTruth(), catalogue).isEmpty)
            }
        }

        @Test("freshness sees every event that it marked")
        func freshness() throws {
            try withServer { server in
                var freshness = FreshnessBenchmark(address: server.address)
                freshness.count = 3
                let result = try freshness.run()
                #expect(result.isRight && result.report["events"].number == 3)
                let slowest = try #require(result.report["visible after max ms"].number)
                #expect(slowest > 0)
            }
        }
    }
}

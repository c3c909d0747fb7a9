import Foundation
import Testing

@testable import weir_bench

extension Benchmarks {
    @Suite("Demo")
    struct DemoTests {
        private func total(_ server: ServerProcess, _ parameters: String) throws -> Int {
            let answer = Client(address: server.address).get(
                "/api/v1/metrics/query?metric=events&granularity=all&maxAge=0&\(parameters)")
            let (status, body) = try #require(answer)
            try #require(status == 200)
            return JSONValue(body)["data"].items.reduce(0) { $0 + Int($1["value"].number ?? 0) }
        }

        /// Waits until a total is above another.
        private func wait(
            _ server: ServerProcess, _ parameters: String, above count: Int
        ) throws -> Int {
            let deadline = Date().addingTimeInterval(10)
            while Date() < deadline {
                let seen = try total(server, parameters)
                if seen > count { return seen }
                usleep(20_000)
            }
            return try total(server, parameters)
        }

        @Test("a demo has a history at once, and then its numbers move")
        func demo() throws {
            try withServer { server in
                let url = "http://\(server.address.text)"
                let command = ["--url", url, "--rate", "20", "--seconds", "1", "--seed", "3"]
                try DemoCommand(command[...]).run()
                // The history has two events for each of its 7,200 seconds, 0.5 % of them repeated.
                let seen = try wait(server, "start=-4h", above: 14_200)
                #expect((14_200...14_500).contains(seen))
                let recent = try wait(server, "start=-1m", above: 60)
                #expect(recent > 60)
                // A second demo adds live events only.
                let again = ["--url", url, "--rate", "200", "--seconds", "1", "--seed", "4"]
                try DemoCommand(again[...]).run()
                let moved = try wait(server, "start=-4h", above: 14_450)
                #expect(moved > 14_450 && moved < 14_800)
            }
        }
    }
}

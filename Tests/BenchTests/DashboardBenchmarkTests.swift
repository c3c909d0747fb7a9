import Foundation
import Testing

@testable import weir_bench

extension Benchmarks {
    @Suite("Dashboard benchmark")
    struct DashboardBenchmarkTests {
        private static var settings: FillSettings {
            var settings = FillSettings(
                eventCount: 6_000, days: 2, seed: 5,
                end: FillSettings.latestEnd(now: Int64(Date().timeIntervalSince1970 * 1_000)))
            settings.flushEventCount = 250
            return settings
        }

        /// Fills a new directory and runs the body with a server over it.
        private func withFilled(
            _ body: (FilledRollups, ServerProcess) throws -> Void
        ) throws {
            try withFolder { folder in
                var report = Report(section: "")
                let filled = try FilledRollups(
                    "\(folder)/data", Self.settings, catalogue, &report)
                let flushes = try #require(report["fill flushes"].number)
                let merges = try #require(report["fill merges"].number)
                #expect(flushes == 24 && merges > 0)
                let server = try filled.serve(binary, arguments: flags, &report)
                try body(filled, server)
                #expect(server.stop())
                let log = try String(contentsOfFile: "\(folder)/data.log", encoding: .utf8)
                #expect(!log.contains(#""level":"warning""#), "\(log)")
            }
        }

        @Test("every query is compared: of other events each answer differs")
        func otherEvents() throws {
            try withFilled { filled, server in
                var other = Self.settings
                other.end = filled.truth.range.upperBound
                other.seed = 6
                let otherTruth = RollupFill.truth(other, catalogue)
                let connection = QueryConnection(server.address)
                for query in DashboardMix.queries(catalogue) {
                    var prepared = PreparedQuery(query, filled: filled.truth.range)
                    #expect(prepared.check(connection, filled.truth) == [])
                    #expect(!prepared.check(connection, otherTruth).isEmpty, "\(query.name)")
                    // What was checked is what answers under load must begin with.
                    let answer = try #require(connection.get(prepared.path))
                    #expect(prepared.agrees(answer.body))
                    let isKept = query.limit == nil || !query.upToNow
                    #expect(prepared.agrees([]) != isKept, "\(query.name)")
                }
            }
        }

        @Test("the truth of a filled directory is the same without filling it again")
        func truthAgain() throws {
            try withFolder { folder in
                var report = Report(section: "")
                let path = "\(folder)/data"
                let first = try FilledRollups(path, Self.settings, catalogue, &report).truth
                var others = Self.settings
                others.seed = 9
                let again = try FilledRollups(path, others, catalogue, &report).truth
                let range = first.range
                #expect(again.range == range && again.eventCount == 6_000)
                for device in Catalogue.devices {
                    let count = try #require(first.viewsByDevice.sum(device, range))
                    #expect(count > 0 && again.viewsByDevice.sum(device, range) == count)
                }
            }
        }

        @Test("a directory with other data is left alone")
        func otherData() throws {
            try withFolder { folder in
                try "weir 1\n".write(
                    toFile: "\(folder)/FORMAT", atomically: true, encoding: .utf8)
                var report = Report(section: "")
                #expect(throws: UsageError.self) {
                    _ = try FilledRollups(folder, Self.settings, catalogue, &report)
                }
                #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["FORMAT"])
            }
        }

        @Test("shares of filled events are those of the event generator")
        func proportions() throws {
            var settings = Self.settings
            settings.eventCount = 60_000
            let truth = RollupFill.truth(settings, catalogue)
            let count = Double(truth.eventCount)
            for (type, share) in zip(
                Catalogue.eventTypes, [0.44, 0.25, 0.165, 0.04, 0.0165, 0.086])
            {
                let found = Double(try #require(truth.eventsByType.sum(type, truth.range))) / count
                #expect(abs(found - share) < 0.05, "\(type): \(found)")
            }
            let mobile = Double(try #require(truth.viewsByDevice.sum("mobile", truth.range)))
            let views = Double(try #require(truth.viewsByDevice.sum(prefix: "", truth.range)))
            #expect(abs(mobile / views - 0.58) < 0.05)
        }
    }
}

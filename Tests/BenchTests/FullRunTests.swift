import Foundation
import Testing

@testable import weir_bench

extension Benchmarks {
    @Suite("Full run")
    struct FullRunTests {
        @Test("one command runs everything, and writes Markdown and JSON")
        func fullRun() throws {
            try withFolder { folder in
                let now = Int64(Date().timeIntervalSince1970 * 1_000)
                var run = FullRun(
                    binary: binary, folder: "\(folder)/run",
                    fill: FillSettings(
                        eventCount: 2_000, days: 1, seed: 1, end: FillSettings.latestEnd(now: now)))
                run.seconds = 0.8
                run.eventRate = 1_000
                run.batchSize = 50
                run.clientCounts = [1]
                run.settleSeconds = settleSeconds
                run.serverArguments = flags
                var document = run.document
                let isRight = try run.run(catalogue, into: &document)
                try document.write(into: run.folder)
                let markdown = try String(
                    contentsOfFile: "\(run.folder)/report.md", encoding: .utf8)
                #expect(isRight, "\(markdown)")
                let json = JSONValue(
                    ArraySlice(try Data(contentsOf: URL(filePath: "\(run.folder)/report.json"))))
                for name in ["machine", "commit", "time", "seed"] {
                    #expect(json["settings"][name].string?.isEmpty == false, "\(name)")
                }
                let sections = [
                    "Batches, closed loop", "Single events", "Open loop, queued",
                    "Open loop, durable", "Freshness under the open loop", "Dashboards",
                ]
                for section in sections {
                    #expect(markdown.contains("## \(section)\n"), "\(section)")
                    guard case .object(let members) = json[section] else {
                        Issue.record("\(section) is not in the JSON")
                        continue
                    }
                    #expect(members.count > 3)
                }
                let share = try #require(json["Single events"]["share of bare"].number)
                #expect(share > 0)
                let dashboards = json["Dashboards"]
                #expect(dashboards["answers before the load"].string == "all right")
                #expect(dashboards["answers after the load"].string == "all right")
                #expect(dashboards["1 clients: failed"].string == "0")
                #expect(dashboards["1 clients"].items.count == 12)
                let asked = dashboards["1 clients"].items.map { $0["answers"].number ?? 0 }
                #expect(asked.reduce(0, +) > 0)
                // Where the server has ETags, what is unchanged is answered 304.
                let changed = dashboards["answered in full though nothing changed"].number ?? 0
                #expect(dashboards["304"].string == "no ETag" || changed == 0)
            }
        }
    }
}

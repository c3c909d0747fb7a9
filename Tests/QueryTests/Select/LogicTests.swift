import Foundation
import Query
import Testing

/// The queries of `Tests/Logic`, over events in memory, in several parts and merged, and by other
/// numbers of threads and with rollups forbidden.
@Suite("SQL logic")
struct LogicTests {
    @Test func thereAreFiles() throws { #expect(try LogicFile.all().count > 0) }

    @Test(arguments: try LogicFile.all().map(\.url.lastPathComponent))
    func answersAsTheFileSays(_ name: String) throws {
        let file = try #require(
            LogicFile.all().first { $0.url.lastPathComponent == name })
        if ProcessInfo.processInfo.environment["WEIR_LOGIC_UPDATE"] == "1" {
            let harness = try SelectHarness(events: file.events, layout: .live)
            try file.rewrite(file.cases.map { Self.answer($0, harness, .init()) })
            return
        }
        for layout in SelectHarness.Layout.allCases {
            let harness = try SelectHarness(events: file.events, layout: layout)
            for found in file.cases {
                for manner in Self.manners {
                    let answer = Self.answer(found, harness, manner)
                    #expect(
                        answer == found.expected,
                        "\(name):\(found.line) \(layout) \(manner)\n\(found.query)")
                }
            }
        }
    }

    private static let manners = [
        SelectHarness.Manner(),
        SelectHarness.Manner(workers: 3, granulesPerItem: 1, usesRollups: false),
    ]

    /// The lines of the answer, or the error: code, line and column, message.
    private static func answer(
        _ found: LogicFile.Case, _ harness: SelectHarness, _ manner: SelectHarness.Manner
    ) -> String {
        do throws(QueryError) {
            let answer = try harness.answer(found.query, .tsv, [:], manner)
            return answer.hasSuffix("\n") ? String(answer.dropLast()) : answer
        } catch {
            let place = error.place.map { " \($0.line):\($0.column)" } ?? ""
            return "\(error.code)\(place) \(error.message)"
        }
    }
}

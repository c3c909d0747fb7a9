import Testing

extension EndToEnd {
    /// Dimensions that no rollup has: answered from the events, and said so.
    @Suite("Raw rows where no rollup has a dimension")
    struct RawFallbackTests {
        private static let byPlan =
            "\(query)?metric=clicks&dimensions=plan,element&granularity=all&maxAge=0&\(day)"

        private func click(_ id: Int, plan: String) -> String {
            #"{"eventId":"c\#(id)","eventType":"click","element":"buy","plan":\#(plan),"#
                + #""userId":"u\#(id % 3)","timestamp":"2026-01-10T14:30:20Z"}"#
        }

        private func check(_ server: WeirServer) throws {
            let answer = try server.get(Self.byPlan + "&explain=1")
            #expect(answer.status == 200)
            let rows = answer.json["data"].array.map { row in
                "\(row["dimensions"]["plan"].string ?? "null") \(row["value"].int ?? -1)"
            }
            #expect(rows == ["null 2", "7 4", "pro 3"])
            let meta = answer.json["meta"]
            #expect(meta["table"].string == "events" && meta["raw"].int == 1)
            let lost = meta["explain"]["candidates"].array.first
            #expect(lost?["reason"].string == "lacks dimension plan")
            let people = try server.get(
                "\(query)?metric=clicks&granularity=all&maxAge=0&filter.userId=u1&\(day)")
            #expect(people.json["data"].array.first?["value"].int == 3)
        }

        @Test("The same live, after a restart and by a flush")
        func fallback() throws {
            let data = try TemporaryDirectory()
            let server = try WeirServer(data: data)
            let plans = ["\"pro\"", "7", "null", "\"7\"", "\"pro\"", "7", "null", "7", "\"pro\""]
            let lines = plans.enumerated().map { click($0.offset, plan: $0.element) }
            let sent = try server.post(batch, lines.joined(separator: "\n"), [ndjson])
            #expect(sent.json["count"].int == 9)
            #expect(try server.waitForTotal(9, "clicks") == 9)
            try check(server)
            let unknown = try server.get(Self.byPlan + "&filter.plam=pro")
            #expect(unknown.status == 422)
            #expect(unknown.json["error"]["closest"].array.first?.string == "plan")

            #expect(server.kill(15).status == 0)
            let again = try WeirServer(data: data)
            #expect(try again.waitForTotal(9, "clicks") == 9)
            try check(again)
        }
    }
}

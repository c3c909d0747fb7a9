import Foundation
import Testing

extension EndToEnd {
    /// Files that are damaged, missing or foreign: the server starts, says what it found, makes
    /// again what it can, and says of answers what they lack.
    @Suite("Damage")
    struct DamageTests {
        private let data: TemporaryDirectory

        init() throws { data = try TemporaryDirectory() }

        /// Sends views of two pages, some of them late, and stops, so that all is in parts.
        private func fill(count: Int = 600, from first: Int = 0) throws {
            let server = try WeirServer(data: data)
            let lines = (first..<first + count).map { index in
                let minute = String(format: "%02d", index % 50)
                return #"{"eventId":"e\#(index)","eventType":"page_view","page":"/\#(index % 2)","#
                    + #""userId":"u\#(index % 7)","timestamp":"2026-01-10T14:\#(minute):20Z"}"#
            }
            for part in 0..<3 {
                let some = lines[part * count / 3..<(part + 1) * count / 3]
                let sent = try server.post(batch, some.joined(separator: "\n"), [ndjson])
                #expect(sent.json["count"].int == count / 3)
            }
            let total = first + count
            #expect(try server.waitForTotal(total, "page_views") == total)
            #expect(server.kill(15).status == 0)
        }

        private func parts(_ table: String) throws -> [String] {
            let folder = "\(data.store)/tables/\(table)"
            return try FileManager.default.subpathsOfDirectory(atPath: folder)
                .filter { $0.hasSuffix(".part") }.map { "\(folder)/\($0)" }.sorted()
        }

        private func change(_ path: String, _ body: (inout Data) -> Void) throws {
            var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            body(&bytes)
            try bytes.write(to: URL(fileURLWithPath: path))
        }

        private var byPage: String {
            "\(query)?metric=page_views&dimensions=page&granularity=all&maxAge=0&\(day)"
        }

        /// Waits until the server says that nothing troubles it.
        private func waitUntilReady(_ server: WeirServer) throws {
            let deadline = Date().addingTimeInterval(20)
            while true {
                let said = try server.get("/readyz")
                if said.json["status"].string == "ready" { return }
                try #require(Date() < deadline, "\(said.text)")
                usleep(50_000)
            }
        }

        @Test("Damaged parts are made again from events, and events from the log")
        func madeAgain() throws {
            try fill()
            let views = try #require(try parts("page_views_minute_corrections").first)
            let events = try #require(try parts("events").first)
            // One is found at the start, the other when it is read.
            try change(views) { $0.removeLast(9) }
            try change(events) { $0[40] ^= 4 }
            let server = try WeirServer(data: data)
            let deadline = Date().addingTimeInterval(20)
            while try server.metric("weir_parts_rebuilt_total") < 2 {
                try #require(Date() < deadline, "\(server.log)")
                #expect(try server.get(byPage + "&filter.userId=u1").status == 200)
                usleep(50_000)
            }
            try waitUntilReady(server)
            let answer = try server.get(byPage)
            #expect(answer.json["data"].array.map { $0["value"].int } == [300, 300])
            #expect(answer.json["meta"]["partial"].int == 0)
            #expect(try server.metric("weir_parts_quarantined_total") == 2)
            #expect(try server.metric("weir_parts_rebuilt_total") == 2)
            #expect(try server.metric("weir_rows_lost") == 0)
            let lines = server.log.split(separator: "\n")
            #expect(lines.count { $0.contains(#""finding":"damaged""#) } == 2)
            #expect(lines.count { $0.contains(#""finding":"madeAgain""#) } == 2)
            let reports = try FileManager.default
                .contentsOfDirectory(atPath: "\(data.store)/quarantine")
                .filter { $0.hasSuffix(".json") }
            #expect(reports.count == 2)
            for name in reports {
                let text = try String(
                    contentsOfFile: "\(data.store)/quarantine/\(name)", encoding: .utf8)
                let told = text.split(separator: "\n").map { JSON(Array($0.utf8)) }
                #expect(told.map { $0["finding"].string } == ["damaged", "madeAgain"])
                #expect(told[0]["expected"].string != nil && told[0]["found"].string != nil)
            }
        }

        @Test("What nothing can make again is told by answers, figures and readiness")
        func lost() throws {
            try fill()
            let events = try #require(try parts("events").first)
            try change(events) { $0.removeAll() }
            try FileManager.default.removeItem(atPath: "\(data.store)/log")
            let server = try WeirServer(data: data)
            // The rollups are whole, the events are not.
            let counted = try server.get(byPage)
            #expect(counted.json["data"].array.map { $0["value"].int } == [300, 300])
            #expect(counted.json["meta"]["partial"].int == 0)
            let raw = try server.get(byPage + "&filter.userId=u1")
            #expect(raw.json["meta"]["partial"].int == 1)
            #expect((raw.json["meta"]["rowsLost"].int ?? 0) > 0)
            #expect(raw.headers["cache-control"] == "no-store" && raw.headers["etag"] == nil)
            let ready = try server.get("/readyz")
            #expect(ready.status == 200 && ready.json["status"].string == "degraded")
            #expect(try server.metric("weir_rows_lost") > 0)
        }

        @Test("A manifest with a damaged record names all parts again")
        func manifest() throws {
            try fill()
            try fill(from: 600)
            try change("\(data.store)/manifest") { bytes in
                // The record behind the first, whose size is at offset 12.
                let size = bytes[12..<16].reversed().reduce(0) { $0 << 8 | Int($1) }
                bytes[20 + size + 30] ^= 1
            }
            let server = try WeirServer(data: data)
            try waitUntilReady(server)
            let answer = try server.get(byPage)
            #expect(answer.json["data"].array.map { $0["value"].int } == [600, 600])
            #expect(answer.json["meta"]["partial"].int == 0)
            #expect(server.log.contains(#""finding":"manifest""#))
        }
    }
}

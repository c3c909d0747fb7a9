import Foundation
import Testing

@testable import weir_bench

@Suite("Event generator")
struct GeneratorTests {
    private static let catalogue = Catalogue()
    private static let start: Int64 = 1_767_571_200_000

    /// Lines of a seed, and what the generator counted.
    private func make(
        _ count: Int, seed: UInt64, stream: Int = 0
    ) -> (lines: [[UInt8]], truth: GroundTruth) {
        var generator = EventGenerator(
            Self.catalogue, seed: seed, stream: stream, streamCount: 2)
        var buffer = ByteBuffer(capacity: 1 << 16)
        var lines: [[UInt8]] = []
        for index in 0..<count {
            buffer.removeAll()
            generator.append(at: Self.start + Int64(index), to: &buffer)
            lines.append(buffer.copy(0..<buffer.count))
        }
        return (lines, generator.truth)
    }

    @Test("the same seed gives the same bytes, another seed or stream other ids")
    func deterministic() {
        let first = make(2_000, seed: 7)
        #expect(first.lines == make(2_000, seed: 7).lines)
        #expect(first.lines != make(2_000, seed: 8).lines)
        let ids = Set(first.lines.map { Array($0[..<34]) })
        #expect(ids.count == first.truth.eventCount)
        let others = [make(2_000, seed: 8), make(2_000, seed: 7, stream: 1)]
        for other in others {
            #expect(ids.isDisjoint(with: other.lines.map { Array($0[..<34]) }))
        }
    }

    @Test("events are valid JSON and add up to the ground truth")
    func groundTruth() throws {
        let (lines, truth) = make(20_000, seed: 3)
        var ids: Set<String> = []
        var types: [String: Int] = [:]
        var viewers: Set<String> = []
        var views: [String: Int] = [:]
        for line in lines {
            let object = try JSONSerialization.jsonObject(with: Data(line))
            let event = try #require(object as? [String: Any])
            let properties = try #require(event["properties"] as? [String: Any])
            guard ids.insert(try #require(event["eventId"] as? String)).inserted else { continue }
            let type = try #require(event["eventType"] as? String)
            types[type, default: 0] += 1
            #expect(properties["page"] is String && properties["loadTimeMs"] is Int)
            #expect((properties["element"] != nil) == (type == "click"))
            #expect((properties["revenue"] != nil) == (type == "purchase"))
            guard type == "page_view" else { continue }
            viewers.insert(try #require(event["userId"] as? String))
            let time = try #require(event["timestamp"] as? String)
            let page = try #require(properties["page"] as? String)
            views[time.prefix(13) + page, default: 0] += 1
        }
        #expect(truth.lineCount == lines.count)
        #expect(truth.eventCount == ids.count)
        #expect(truth.duplicateCount == lines.count - ids.count)
        for (index, name) in Catalogue.eventTypes.enumerated() {
            #expect(truth.countByType[index] == types[name])
        }
        #expect(truth.viewerCount == viewers.count)
        var counted = 0
        for index in truth.hours.indices {
            for page in 0..<Catalogue.pageCount {
                counted += truth.viewCount(page: page, hourIndex: index) > 0 ? 1 : 0
            }
        }
        #expect(counted == views.count)
    }

    @Test("shares, sizes and lateness are those of a shop's traffic")
    func distribution() {
        let count = 50_000
        let (lines, truth) = make(count, seed: 5)
        let bytes = lines.reduce(0) { $0 + $1.count + 1 }
        #expect((320...355).contains(bytes / count), "\(bytes / count) bytes an event")
        #expect((150...350).contains(truth.duplicateCount), "\(truth.duplicateCount) repeated")
        #expect((400...600).contains(truth.lateCount), "\(truth.lateCount) late")
        let shares = truth.countByType.map { Double($0) / Double(truth.eventCount) }
        for (share, wanted) in zip(shares, [0.44, 0.25, 0.165, 0.04, 0.0165, 0.086]) {
            #expect(abs(share - wanted) < 0.05, "\(shares)")
        }
        let landing = truth.hours.indices.reduce(0) {
            $0 + truth.viewCount(page: 0, hourIndex: $1)
        }
        #expect(Double(landing) / Double(truth.countByType[0]) > 0.1)
    }

    @Test("an alias table draws by weight")
    func alias() {
        let table = AliasTable(weights: [1, 2, 0.5, 0, 4.5])
        var random = Randomness(seed: 1)
        var counts = Array(repeating: 0, count: 5)
        for _ in 0..<80_000 { counts[table.draw(random.next())] += 1 }
        for (count, wanted) in zip(counts, [10_000, 20_000, 5_000, 0, 45_000]) {
            #expect(abs(count - wanted) < 600, "\(counts)")
        }
    }
}

@Suite("Measures")
struct MeasureTests {
    @Test("percentiles are right within one bucket")
    func percentiles() {
        var histogram = Histogram()
        for value in 1...100_000 { histogram.add(UInt64(value) * 1_000) }
        for (share, wanted) in [(0.5, 50e6), (0.99, 99e6), (0.999, 99.9e6), (1, 100e6)] {
            let got = Double(histogram.percentile(share))
            #expect(got >= wanted && got <= wanted * 1.01, "\(share): \(got)")
        }
        #expect(Histogram().percentile(0.99) == 0)
        var single = Histogram()
        single.add(.max)
        #expect(single.percentile(0.5) == .max)
    }

    @Test("JSON is read as it was written")
    func json() {
        let text = #"{"a":[1,-2.5,true,null,"x\"y"],"b":{"c":"é"},"d":[],"e":{}}"#
        #expect(JSONValue(ArraySlice(text.utf8)).text == text)
        #expect(JSONValue(ArraySlice(" { \"a\" : [ 1 , 2 ] } ".utf8)).text == #"{"a":[1,2]}"#)
        #expect(JSONValue([]).text == "null")
    }
}

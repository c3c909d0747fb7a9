import Base
import Server
import Testing

@Suite("Log lines and metrics")
struct ObservationTests {
    private final class Lines: Sendable {
        let lines = Locked<[String]>([])
    }

    @Test func writesLinesOfJSON() throws {
        let lines = Lines()
        let logger = Logger(level: .info) { line in
            lines.lines.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
        }
        logger.debug("not seen")
        logger.warning("a \"quoted\"\nmessage") { $0.field("number", 7) }
        let written = lines.lines.withLock { $0 }
        #expect(written.count == 1)
        let line = try #require(written.first)
        #expect(line.hasPrefix(#"{"time":""#))
        #expect(
            line.hasSuffix(
                #""level":"warning","message":"a \"quoted\"\nmessage","number":7}"# + "\n"))
    }

    @Test func writesThePrometheusTextForm() {
        let registry = PrometheusRegistry()
        let counter = registry.counter(
            "weir_things_total", "Things,\nand \\ more.", [.init("kind", "a\"b\n")])
        registry.counter("weir_things_total", "Ignored.", [.init("kind", "c")]) { 2.5 }
        let gauge = registry.gauge("weir_level", "A level.")
        registry.gauge("weir_none", "Nothing.") { .nan }
        let histogram = registry.histogram("weir_seconds", "Time.", bounds: [0.1, 1])
        counter.add(3)
        counter.add()
        gauge.set(-0.25)
        histogram.observe(0.1)
        histogram.observe(0.5)
        histogram.observe(nanoseconds: 2_000_000_000)
        #expect(
            registry.text() == """
                # HELP weir_things_total Things,\\nand \\\\ more.
                # TYPE weir_things_total counter
                weir_things_total{kind="a\\"b\\n"} 4
                weir_things_total{kind="c"} 2.5
                # HELP weir_level A level.
                # TYPE weir_level gauge
                weir_level -0.25
                # HELP weir_none Nothing.
                # TYPE weir_none gauge
                weir_none NaN
                # HELP weir_seconds Time.
                # TYPE weir_seconds histogram
                weir_seconds_bucket{le="0.1"} 1
                weir_seconds_bucket{le="1"} 2
                weir_seconds_bucket{le="+Inf"} 3
                weir_seconds_sum 2.6
                weir_seconds_count 3

                """)
    }
}

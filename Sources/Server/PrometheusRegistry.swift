internal import Base
internal import Synchronization

/// A number that only grows.
package final class Counter: Sendable {
    private let number = Atomic<Int64>(0)

    /// A counter of its own, which no registry shows.
    package init() {}

    /// Adds to the counter; any thread may.
    package func add(_ amount: Int = 1) {
        number.wrappingAdd(Int64(amount), ordering: .relaxed)
    }

    /// The sum of what was added since the start.
    package var value: Int { Int(number.load(ordering: .relaxed)) }
}

/// A number that goes up and down.
package final class Gauge: Sendable {
    private let bits = Atomic<UInt64>(0)

    /// A gauge of its own, which no registry shows.
    package init() {}

    /// Sets the gauge; any thread may.
    package func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }

    /// What was set last; 0 before.
    package var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }
}

/// How often values fell below each of some bounds; made for latencies.
package final class Histogram: Sendable {
    /// What a scrape sees, of one instant.
    package struct Snapshot: Sendable, Equatable {
        /// Not cumulative; the last is of what exceeds all bounds.
        package var counts: [UInt64]
        /// All observed values added up.
        package var sum = 0.0

        package init(counts: [UInt64], sum: Double = 0) {
            self.counts = counts
            self.sum = sum
        }
    }

    /// From 100 µs to 10 s, three bounds for each power of ten.
    package static let latencyBounds: [Double] = [
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
        10,
    ]

    let bounds: [Double]
    // A lock keeps counts and sum of one instant; observations come per request at most.
    private let state: Locked<Snapshot>

    /// A histogram of its own; the bounds ascend.
    package init(bounds: [Double] = Histogram.latencyBounds) {
        invariant(zip(bounds, bounds.dropFirst()).allSatisfy(<), "bounds must ascend")
        self.bounds = bounds
        state = Locked(Snapshot(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    /// Counts a value, for durations in seconds.
    package func observe(_ value: Double) {
        var bucket = 0
        while bucket < bounds.count, value > bounds[bucket] { bucket += 1 }
        state.withLock { state in
            state.counts[bucket] += 1
            state.sum += value
        }
    }

    /// Counts a duration given in nanoseconds.
    package func observe(nanoseconds: UInt64) { observe(Double(nanoseconds) / 1e9) }

    var snapshot: Snapshot { state.withLock { $0 } }
}

/// The metrics of the process, in the text form 0.0.4 of Prometheus.
///
/// Metrics are registered once, at start; several of one name differ by their labels, which are
/// fixed then.
package final class PrometheusRegistry: Sendable {
    /// A label of a metric.
    package struct Label: Sendable, Equatable {
        /// The label's name, as `stage`.
        package var name: String
        /// The label's value; the registry escapes it.
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    private enum Source: Sendable {
        case number(@Sendable () -> Double)
        case histogram(bounds: [Double], read: @Sendable () -> Histogram.Snapshot)
    }

    private struct Series: Sendable {
        var labels: [Label]
        var source: Source
    }

    private struct Family: Sendable {
        var name: String
        var kind: String
        var help: String
        var series: [Series]
    }

    private let families = Locked<[Family]>([])

    package init() {}

    /// Registers a counter; its name ends in `_total`.
    package func counter(_ name: String, _ help: String, _ labels: [Label] = []) -> Counter {
        let counter = Counter()
        add(name, "counter", help, labels, .number { Double(counter.value) })
        return counter
    }

    /// Registers a counter that is kept elsewhere and read at each scrape.
    package func counter(
        _ name: String, _ help: String, _ labels: [Label] = [],
        read: @escaping @Sendable () -> Double
    ) {
        add(name, "counter", help, labels, .number(read))
    }

    /// Registers a gauge.
    package func gauge(_ name: String, _ help: String, _ labels: [Label] = []) -> Gauge {
        let gauge = Gauge()
        add(name, "gauge", help, labels, .number { gauge.value })
        return gauge
    }

    /// Registers a gauge that is read at each scrape.
    package func gauge(
        _ name: String, _ help: String, _ labels: [Label] = [],
        read: @escaping @Sendable () -> Double
    ) {
        add(name, "gauge", help, labels, .number(read))
    }

    /// Registers a histogram.
    package func histogram(
        _ name: String, _ help: String, _ labels: [Label] = [],
        bounds: [Double] = Histogram.latencyBounds
    ) -> Histogram {
        let histogram = Histogram(bounds: bounds)
        self.histogram(name, help, labels, bounds: bounds) { histogram.snapshot }
        return histogram
    }

    /// Registers a histogram that is kept elsewhere and read at each scrape.
    package func histogram(
        _ name: String, _ help: String, _ labels: [Label] = [], bounds: [Double],
        read: @escaping @Sendable () -> Histogram.Snapshot
    ) {
        add(name, "histogram", help, labels, .histogram(bounds: bounds, read: read))
    }

    /// The content type of `text`.
    package static var contentType: String { "text/plain; version=0.0.4; charset=utf-8" }

    /// All metrics as they are now.
    package func text() -> String {
        var text = ""
        for family in families.withLock({ $0 }) {
            text += "# HELP \(family.name) \(Self.escaped(family.help, quotes: false))\n"
            text += "# TYPE \(family.name) \(family.kind)\n"
            for series in family.series {
                switch series.source {
                case .number(let read):
                    text += "\(family.name)\(Self.text(series.labels)) \(Self.text(read()))\n"
                case .histogram(let bounds, let read):
                    text += Self.text(family.name, series.labels, bounds, read())
                }
            }
        }
        return text
    }

    private func add(
        _ name: String, _ kind: String, _ help: String, _ labels: [Label], _ source: Source
    ) {
        invariant(Self.isName(name) && labels.allSatisfy { Self.isName($0.name) }, "name \(name)")
        let series = Series(labels: labels, source: source)
        families.withLock { families in
            guard let index = families.firstIndex(where: { $0.name == name }) else {
                families.append(Family(name: name, kind: kind, help: help, series: [series]))
                return
            }
            invariant(families[index].kind == kind, "\(name) is a \(families[index].kind)")
            let isNew = families[index].series.allSatisfy { $0.labels != labels }
            invariant(isNew, "\(name) with these labels was registered before")
            families[index].series.append(series)
        }
    }

    private static func text(
        _ name: String, _ labels: [Label], _ bounds: [Double], _ snapshot: Histogram.Snapshot
    ) -> String {
        var text = ""
        var total: UInt64 = 0
        for (index, count) in snapshot.counts.enumerated() {
            total += count
            let bound = index < bounds.count ? Self.text(bounds[index]) : "+Inf"
            text += "\(name)_bucket\(Self.text(labels + [Label("le", bound)])) \(total)\n"
        }
        text += "\(name)_sum\(Self.text(labels)) \(Self.text(snapshot.sum))\n"
        return text + "\(name)_count\(Self.text(labels)) \(total)\n"
    }

    private static func text(_ labels: [Label]) -> String {
        guard !labels.isEmpty else { return "" }
        let pairs = labels.map { "\($0.name)=\"\(escaped($0.value, quotes: true))\"" }
        return "{\(pairs.joined(separator: ","))}"
    }

    private static func text(_ number: Double) -> String {
        if number.isNaN { return "NaN" }
        if number.isInfinite { return number > 0 ? "+Inf" : "-Inf" }
        if let whole = Int64(exactly: number), whole.magnitude < 1 << 53 { return "\(whole)" }
        return number.description
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var escaped = ""
        for letter in text.unicodeScalars {
            switch letter {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(letter)
            }
        }
        return escaped
    }

    private static func isName(_ name: String) -> Bool {
        name.utf8.first.map { !(0x30...0x39).contains($0) } == true
            && name.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
                    || byte == UInt8(ascii: "_")
            }
    }
}

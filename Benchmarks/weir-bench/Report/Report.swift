internal import CLinux
internal import Glibc

/// Named results in their order, as a Markdown table and as JSON.
struct Report {
    private var rows: [(name: String, value: JSONValue)] = []
    private let title: String

    init(_ title: String) {
        self.title = title
        let machine = Machine()
        add("machine", "\(machine.processor), \(machine.coreCount) cores, Linux \(machine.kernel)")
        add("commit", machine.commit)
    }

    mutating func add(_ name: String, _ value: String) { rows.append((name, .string(value))) }

    mutating func add(_ name: String, _ value: Int) { rows.append((name, .number(Double(value)))) }

    /// Adds a number with two digits behind the point.
    mutating func add(_ name: String, _ value: Double) {
        rows.append((name, .number((value * 100).rounded() / 100)))
    }

    /// Adds the percentiles of a histogram in milliseconds.
    mutating func add(_ name: String, _ histogram: Histogram) {
        for (label, share) in [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999)] {
            let milliseconds = Double(histogram.percentile(share)) / 1e6
            rows.append(("\(name) \(label) ms", .number((milliseconds * 1_000).rounded() / 1_000)))
        }
        add("\(name) max ms", Double(histogram.greatest) / 1e6)
    }

    var markdown: String {
        let lines = rows.map { row in
            "| \(row.name) | \(row.value.string ?? row.value.text) |"
        }
        return "| \(title) | |\n|---|---:|\n" + lines.joined(separator: "\n") + "\n"
    }

    /// Prints the table, and writes the JSON to a file if one is named.
    func publish(jsonPath: String?) throws(UsageError) {
        var text = markdown
        text.withUTF8 { unsafe writeAll(UnsafeRawBufferPointer($0), to: STDOUT_FILENO) }
        guard let jsonPath else { return }
        let file = unsafe weir_open(jsonPath, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        guard file >= 0 else { throw UsageError("cannot write \(jsonPath): errno \(errno)") }
        defer { close(file) }
        var json = JSONValue.object(rows).text + "\n"
        json.withUTF8 { unsafe writeAll(UnsafeRawBufferPointer($0), to: file) }
    }
}

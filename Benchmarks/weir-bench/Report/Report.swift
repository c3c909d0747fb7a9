internal import CLinux
internal import Glibc

/// Named results in their order, as Markdown tables and as JSON.
struct Report {
    /// A table of several figures a row, below the named results.
    private struct Table {
        var columns: [String]
        var rows: [[JSONValue]]

        var markdown: String {
            let rule = "|---|" + String(repeating: "---:|", count: max(0, columns.count - 1))
            let lines = rows.map { "| " + $0.map(Report.cell).joined(separator: " | ") + " |" }
            let head = "| " + columns.joined(separator: " | ") + " |"
            return "\n" + ([head, rule] + lines).joined(separator: "\n") + "\n"
        }

        var json: JSONValue {
            .array(rows.map { row in .object(zip(columns, row).map { ($0, $1) }) })
        }
    }

    let title: String
    private var rows: [(name: String, value: JSONValue)] = []
    private var tables: [(name: String, table: Table)] = []

    /// A report on its own, which says what it was measured on.
    init(_ title: String) {
        self.init(section: title)
        let machine = Machine()
        add("machine", machine.text)
        add("commit", machine.commit)
    }

    /// One of several reports of a document.
    init(section title: String) { self.title = title }

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

    /// Adds a table; each row has one value a column, the first of which names the row.
    mutating func addTable(_ name: String, _ columns: [String], _ rows: [[JSONValue]]) {
        tables.append((name, Table(columns: columns, rows: rows)))
    }

    /// Adds whether a check found differences, and the first ones.
    mutating func addVerdict(_ name: String, _ differences: [String]) {
        let some = differences.prefix(3).joined(separator: "; ")
        add(name, differences.isEmpty ? "all right" : "\(differences.count) differ: \(some)")
    }

    /// Adds all named results of another report.
    mutating func add(all other: Report) {
        rows += other.rows
        tables += other.tables
    }

    /// The value of a named result, for those who check it; `null` where there is none.
    subscript(name: String) -> JSONValue { rows.first { $0.name == name }?.value ?? .null }

    var markdown: String {
        let lines = rows.map { row in "| \(row.name) | \(Self.cell(row.value)) |" }
        let head = "| \(title) | |\n|---|---:|\n" + lines.joined(separator: "\n") + "\n"
        return ([head] + tables.map(\.table.markdown)).joined()
    }

    var json: JSONValue {
        .object(rows + tables.map { ($0.name, $0.table.json) })
    }

    private static func cell(_ value: JSONValue) -> String { value.string ?? value.text }

    /// Prints the tables, and writes the JSON to a file if one is named.
    func publish(jsonPath: String?) throws(UsageError) {
        var text = markdown
        text.withUTF8 { unsafe writeAll(UnsafeRawBufferPointer($0), to: STDOUT_FILENO) }
        if let jsonPath { try writeFile(jsonPath, json.text + "\n") }
    }
}

/// Nanoseconds as milliseconds with three digits.
func milliseconds(_ nanoseconds: UInt64) -> JSONValue {
    .number((Double(nanoseconds) / 1e3).rounded() / 1e3)
}

/// Writes a text file, in place of what is there.
func writeFile(_ path: String, _ text: String) throws(UsageError) {
    let file = unsafe weir_open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    guard file >= 0 else { throw UsageError(failure: "cannot write \(path): errno \(errno)") }
    defer { close(file) }
    var text = text
    text.withUTF8 { unsafe writeAll(UnsafeRawBufferPointer($0), to: file) }
}

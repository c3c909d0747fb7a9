internal import Base
package import Expressions

/// Writes the rows of an answer, batch after batch, so that memory does not grow with them.
///
/// | type | JSON, NDJSON | CSV, TSV |
/// |---|---|---|
/// | Int64 | a number, all digits | digits |
/// | Float64 | the shortest number that reads back as the same | the same |
/// | NaN, infinity | `"NaN"`, `"Infinity"`, `"-Infinity"` | `NaN`, `Infinity`, `-Infinity` |
/// | NULL | `null` | nothing; `\N` in TSV |
/// | String | a string | text; the empty one is `""` in CSV |
/// | DateTime64(3), Date | RFC 3339 in UTC, as a string | RFC 3339 in UTC |
/// | JSON | the value itself | its text |
/// | AggregateState | what it is estimated to count | the same |
package struct ResultWriter {
    private let columns: [OutputColumn]
    private let format: ResultFormat
    /// Names of columns as members of an object: `"name":`.
    private let keys: [[UInt8]]
    private var bytes: [UInt8] = []
    private var rowCount = 0

    /// A writer that has written the beginning.
    package init(_ columns: [OutputColumn], _ format: ResultFormat) {
        self.columns = columns
        self.format = format
        keys = columns.map { column in
            var writer = JSONWriter()
            writer.value(column.name)
            return writer.finish() + [UInt8(ascii: ":")]
        }
        begin()
    }

    /// How many rows were written.
    package var rows: Int { rowCount }

    /// How many bytes wait to be taken.
    package var count: Int { bytes.count }

    /// Takes what was written since the last time.
    package mutating func take() -> [UInt8] {
        let taken = bytes
        bytes = []
        return taken
    }

    private mutating func begin() {
        switch format {
        case .json:
            bytes += Array("{\"columns\":[".utf8)
            for (index, column) in columns.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                bytes += Array("{\"name\":".utf8)
                bytes += keys[index].dropLast()
                bytes += Array(",\"type\":\"\(column.type.name)\"}".utf8)
            }
            bytes += Array("],\"rows\":[".utf8)
        case .ndjson: break
        case .csv, .tsv:
            for (index, column) in columns.enumerated() {
                if index > 0 { bytes.append(separator) }
                appendText(Array(column.name.utf8)[...])
            }
            endLine()
        }
    }

    private var separator: UInt8 { format == .csv ? UInt8(ascii: ",") : UInt8(ascii: "\t") }

    private mutating func endLine() {
        if format == .csv { bytes.append(UInt8(ascii: "\r")) }
        bytes.append(UInt8(ascii: "\n"))
    }

    /// Writes the rows of a batch.
    package mutating func append(_ batch: Batch) {
        let cells = zip(columns, batch.columns).map { CellReader($1, type: $0.type) }
        for row in 0..<batch.rowCount {
            switch format {
            case .json:
                if rowCount > 0 { bytes.append(UInt8(ascii: ",")) }
                bytes.append(UInt8(ascii: "["))
            case .ndjson: bytes.append(UInt8(ascii: "{"))
            case .csv, .tsv: break
            }
            for index in cells.indices {
                if index > 0 {
                    bytes.append(
                        format == .json || format == .ndjson ? UInt8(ascii: ",") : separator)
                }
                if format == .ndjson { bytes += keys[index] }
                append(cells[index], row)
            }
            switch format {
            case .json: bytes.append(UInt8(ascii: "]"))
            case .ndjson: bytes += Array("}\n".utf8)
            case .csv, .tsv: endLine()
            }
            rowCount += 1
        }
    }

    /// Writes the end: of JSON, the statistics.
    package mutating func finish(_ statistics: SelectStatistics) {
        guard format == .json else { return }
        bytes += Array("],\"stats\":".utf8)
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("rows", rowCount)
        writer.field("rowsScanned", statistics.rowsScanned)
        writer.field("bytesScanned", statistics.bytesRead)
        writer.field("elapsedMs", Double(statistics.nanoseconds / 1000) / 1000)
        writer.field("partial", statistics.isPartial)
        writer.endObject()
        bytes += writer.finish()
        bytes.append(UInt8(ascii: "}"))
    }

    // MARK: Cells

    private mutating func append(_ cell: CellReader, _ row: Int) {
        switch cell.cell(row) {
        case .null:
            switch format {
            case .json, .ndjson: bytes += Array("null".utf8)
            case .csv: break
            case .tsv: bytes += Array("\\N".utf8)
            }
        case .integer(let number): bytes += Array(String(number).utf8)
        case .boolean(let truth): bytes += Array((truth ? "true" : "false").utf8)
        case .float(let number): append(number)
        case .time(let text):
            if format == .json || format == .ndjson {
                bytes.append(UInt8(ascii: "\""))
                bytes += Array(text.utf8)
                bytes.append(UInt8(ascii: "\""))
            } else {
                bytes += Array(text.utf8)
            }
        case .json(let text):
            if format == .json || format == .ndjson { bytes += text } else { appendText(text) }
        case .text(let text): appendText(text)
        }
    }

    private mutating func append(_ number: Double) {
        if number.isFinite {
            bytes += Array(Literal.text(number).utf8)
            return
        }
        let name = number.isNaN ? "NaN" : number > 0 ? "Infinity" : "-Infinity"
        let isJSON = format == .json || format == .ndjson
        bytes += Array((isJSON ? "\"\(name)\"" : name).utf8)
    }

    private mutating func appendText(_ text: ArraySlice<UInt8>) {
        switch format {
        case .json, .ndjson:
            var writer = JSONWriter()
            writer.value(utf8: text)
            bytes += writer.finish()
        case .csv:
            var writer = CSVWriter(reserving: text.count + 2)
            writer.field(utf8: text)
            bytes += writer.bytes
        case .tsv:
            for byte in text {
                switch byte {
                case UInt8(ascii: "\t"): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "t")]
                case UInt8(ascii: "\n"): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
                case UInt8(ascii: "\r"): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "r")]
                case UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "\\")]
                default: bytes.append(byte)
                }
            }
        }
    }
}

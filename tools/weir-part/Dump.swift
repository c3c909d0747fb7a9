internal import Aggregates
internal import Base
internal import Expressions
internal import PartFormat
internal import Store

/// What of the rows is wanted, and in which form.
struct DumpOptions {
    /// Names, or names with `:` and a type; nil for all.
    var columns: [String]?
    var range: TimeRange
    var asCSV: Bool
    var statesAsHex: Bool
}

/// The columns that are printed, over all parts.
struct DumpColumns {
    private let options: DumpOptions
    private(set) var tables: Set<String> = []
    private(set) var columns: [ColumnSchema] = []
    private var known: Set<ColumnSchema> = []
    private var unknown: Set<String>

    init(_ options: DumpOptions) {
        self.options = options
        unknown = Set(options.columns ?? [])
    }

    /// Takes the columns of a part.
    mutating func add(_ schema: TableSchema) {
        tables.insert(schema.name)
        for column in schema.columns {
            unknown.remove(column.name)
            unknown.remove("\(column.name):\(column.type)")
            if isWanted(column), known.insert(column).inserted { columns.append(column) }
        }
    }

    private func isWanted(_ column: ColumnSchema) -> Bool {
        guard let names = options.columns else { return true }
        return names.contains(column.name) || names.contains("\(column.name):\(column.type)")
    }

    func requireOneTable(_ source: Source) throws(ToolError) {
        guard tables.count <= 1 else {
            let names = tables.sorted()
            let some = names.prefix(8).joined(separator: ", ") + (names.count > 8 ? ", …" : "")
            throw .usage("--table must name one of the \(names.count) tables there: \(some)")
        }
        if let name = unknown.sorted().first, !tables.isEmpty {
            throw .usage("there is no column '\(name)'; weir-part schema lists them")
        }
    }

    /// What they are called in the output; where the command line orders them, in that order.
    func ordered() -> [(label: String, column: ColumnSchema)] {
        var counts: [String: Int] = [:]
        for column in columns { counts[column.name, default: 0] += 1 }
        var result = columns.map { column in
            let label =
                counts[column.name] == 1 ? column.name : "\(column.name):\(column.type)"
            return (label: label, column: column)
        }
        if let names = options.columns {
            func rank(_ column: ColumnSchema) -> Int {
                names.firstIndex { $0 == column.name || $0 == "\(column.name):\(column.type)" } ?? 0
            }
            result = result.enumerated().sorted { left, right in
                let (first, second) = (rank(left.element.column), rank(right.element.column))
                return first == second ? left.offset < right.offset : first < second
            }.map(\.element)
        }
        return result
    }
}

/// Prints the rows of parts, granule by granule.
struct Dump {
    private let options: DumpOptions
    private let columns: [(label: String, column: ColumnSchema)]
    private let console: Console
    /// How many more rows may be printed.
    var rowsLeft = Int.max
    /// Rows of granules that could not be decoded.
    private(set) var rowsLost = 0

    init(options: DumpOptions, columns: DumpColumns, console: Console) {
        self.options = options
        self.columns = columns.ordered()
        self.console = console
    }

    func csvHeader() -> [UInt8] {
        CSV.line(columns.map { Array($0.label.utf8) })
    }

    mutating func write(_ part: PartFiles, _ findings: Findings) throws(StoreError) {
        let footer = part.footer
        if let times = footer.timeRange, !options.range.overlaps(times) { return }
        var places: [Int] = []
        var indexes: [Int?] = []
        for (_, column) in columns {
            let index = footer.schema.columns.firstIndex(of: column)
            indexes.append(index.map { _ in places.count })
            if let index { places.append(index) }
        }
        let time = footer.schema.columnIndex(footer.schema.timeColumn)
        let hasRange = !options.range.isAll
        if hasRange, let time { places.append(time) }
        var reader = ColumnReader(part, findings, console)
        for granule in 0..<footer.granuleCount where rowsLeft > 0 {
            if hasRange, let time, !mayMatch(footer.zone(column: time, granule: granule)) {
                continue
            }
            let vectors = try reader.read(columns: places, granule: granule)
            let whole = vectors.compactMap { $0 }
            let rowCount = footer.rowCount(granule: granule)
            guard whole.count == vectors.count else {
                rowsLost += rowCount
                continue
            }
            let times = hasRange ? whole.last : nil
            for row in 0..<rowCount where rowsLeft > 0 && isWanted(row, times) {
                let values = indexes.map { $0.map { (whole[$0], row) } }
                console.print(options.asCSV ? csv(values) : ndjson(values))
                rowsLeft -= 1
            }
        }
    }

    private func mayMatch(_ zone: Zone) -> Bool {
        switch zone.bounds {
        case .integers(let range): options.range.overlaps(range)
        case .empty: false
        default: true
        }
    }

    private func isWanted(_ row: Int, _ times: Vector?) -> Bool {
        guard let times else { return true }
        guard case .integer(let time) = times.cell(row) else { return false }
        return options.range.contains(time)
    }

    private func ndjson(_ values: [(Vector, Int)?]) -> [UInt8] {
        var writer = JSONWriter(reserving: 256)
        writer.beginObject()
        for (index, value) in values.enumerated() {
            guard let (vector, row) = value else { continue }
            let cell = vector.cell(row)
            if cell == .null { continue }
            writer.key(columns[index].label)
            writer.write(cell, type: vector.type, statesAsHex: options.statesAsHex)
        }
        writer.endObject()
        return writer.finish()
    }

    private func csv(_ values: [(Vector, Int)?]) -> [UInt8] {
        CSV.line(
            values.map { value in
                guard let (vector, row) = value else { return nil }
                return CSV.text(vector.cell(row), vector.type, options.statesAsHex)
            })
    }
}

extension JSONWriter {
    /// Writes a value of a row.
    mutating func write(_ cell: Cell, type: ValueType, statesAsHex: Bool = true) {
        switch cell {
        case .null: null()
        case .integer(let number):
            if type == .timestamp { writeTime(number) } else { value(number) }
        case .boolean(let truth): value(truth)
        case .float(let bits):
            let number = Double(bitPattern: bits)
            if number.isFinite {
                // Not shortened to an integer: −0 and the type would be lost.
                raw(Array(number.description.utf8))
            } else {
                value(floatText(number))
            }
        case .bytes(let bytes):
            if type == .state {
                writeState(bytes, asHex: statesAsHex)
            } else {
                value(String(decoding: bytes, as: UTF8.self))
            }
        }
    }

    private mutating func writeTime(_ time: Milliseconds) {
        let text = timeText(time)
        if text.hasSuffix("Z") { value(text) } else { value(time) }
    }

    private mutating func writeState(_ bytes: [UInt8], asHex: Bool) {
        if !asHex, let state = try? HyperLogLog(decoding: bytes.span) {
            value(state.estimate().value)
        } else {
            value(hexText(bytes))
        }
    }
}

/// A float that is not finite, as JavaScript names it.
func floatText(_ number: Double) -> String {
    number.isNaN ? "NaN" : number < 0 ? "-Infinity" : "Infinity"
}

/// Lines of RFC 4180, without the carriage return.
enum CSV {
    /// Cells with commas between them; nil is empty and not quoted.
    static func line(_ cells: [[UInt8]?]) -> [UInt8] {
        var line: [UInt8] = []
        for (index, cell) in cells.enumerated() {
            if index > 0 { line.append(UInt8(ascii: ",")) }
            guard let cell else { continue }
            if cell.isEmpty || cell.contains(where: needsQuotes) {
                line.append(UInt8(ascii: "\""))
                for byte in cell {
                    if byte == UInt8(ascii: "\"") { line.append(byte) }
                    line.append(byte)
                }
                line.append(UInt8(ascii: "\""))
            } else {
                line += cell
            }
        }
        return line
    }

    private static func needsQuotes(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\"") || byte == 0x0A || byte == 0x0D
    }

    /// A value of a row; nil for null.
    static func text(_ cell: Cell, _ type: ValueType, _ statesAsHex: Bool) -> [UInt8]? {
        switch cell {
        case .null: return nil
        case .integer(let number):
            return Array((type == .timestamp ? timeText(number) : "\(number)").utf8)
        case .boolean(let truth): return Array("\(truth)".utf8)
        case .float(let bits):
            let number = Double(bitPattern: bits)
            return Array((number.isFinite ? number.description : floatText(number)).utf8)
        case .bytes(let bytes):
            guard type == .state else { return bytes }
            if !statesAsHex, let state = try? HyperLogLog(decoding: bytes.span) {
                return Array("\(state.estimate().value)".utf8)
            }
            return Array(hexText(bytes).utf8)
        }
    }
}

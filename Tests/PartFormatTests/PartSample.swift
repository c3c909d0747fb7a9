import Base
import Expressions
import PartFormat
import Testing

/// One value, the naive way.
enum Cell: Equatable, Sendable {
    case null
    case string([UInt8])
    case integer(Int64)
    /// By bits, so that NaN and -0 compare.
    case float(UInt64)
    case boolean(Bool)

    static func string(_ text: String) -> Cell { .string(Array(text.utf8)) }
}

/// A table of cells that becomes a part: the model that parts are compared with.
struct PartSample: Sendable {
    var schema: TableSchema
    /// By column, then row.
    var cells: [[Cell]]
    /// The columns that are to have a dictionary.
    var coded: Set<Int>

    var rowCount: Int { cells[0].count }

    /// The sorted dictionaries of the coded columns.
    var dictionaries: [Int: StringTable] {
        var dictionaries: [Int: StringTable] = [:]
        for column in coded {
            let strings = Set(cells[column].compactMap { $0.bytes })
            var table = StringTable()
            for entry in strings.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
                table.append(entry[...])
            }
            dictionaries[column] = table
        }
        return dictionaries
    }

    /// The rows as vectors; strings of columns that are not coded take both forms by turns.
    func vectors(_ rows: Range<Int>, _ dictionaries: [Int: StringTable]) -> [Vector] {
        cells.indices.map { column in
            let type = schema.columns[column].type
            let cells = Array(cells[column][rows])
            if let dictionary = dictionaries[column] {
                return Cell.codedVector(cells, type, dictionary)
            }
            if type == .string, rows.lowerBound % 2 == 1 {
                var local = StringTable()
                for cell in cells { local.append((cell.bytes ?? [0x7A])[...]) }
                let codes = cells.indices.map { cells[$0] == .null ? 0 : UInt32($0 + 1) }
                return Vector(type: type, values: .codes(codes, dictionary: local))
            }
            return Cell.vector(cells, type)
        }
    }

    static let provenance = PartProvenance(
        positionFrom: LogPosition(12), positionTo: LogPosition(300), flushRange: 4...7)

    /// Writes the part; the bytes are taken after every granule.
    func write(options: PartWriterOptions) -> [UInt8] { writeFiles(options: options)[0] }

    /// The same for any container: the bytes of each file.
    func writeFiles(options: PartWriterOptions) -> [[UInt8]] {
        let dictionaries = dictionaries
        var writer = PartWriter(
            schema: schema, dictionaries: dictionaries, rowCount: rowCount, options: options)
        var files = [[UInt8]](repeating: [], count: writer.fileCount)
        func take() {
            for file in files.indices { files[file] += writer.takeBytes(file: file) }
        }
        for start in stride(from: 0, to: rowCount, by: options.granuleRows) {
            let rows = start..<min(rowCount, start + options.granuleRows)
            writer.append(vectors(rows, dictionaries))
            take()
        }
        writer.finish(PartSample.provenance)
        take()
        #expect(writer.rowCount == rowCount)
        #expect(writer.byteCount == files.reduce(0) { $0 + $1.count })
        return files
    }

    /// The schema that samples have: every type, each once plain, strings once coded.
    static let schema = TableSchema(
        name: "events", kind: .raw, partitioning: .day, timeColumn: "timestamp",
        sortKey: ["eventType", "timestamp"],
        columns: [
            ColumnSchema(name: "eventType", type: .string, role: .key),
            ColumnSchema(name: "timestamp", type: .timestamp, role: .key),
            ColumnSchema(name: "eventId", type: .string, role: .value),
            ColumnSchema(name: "late", type: .boolean, role: .value),
            ColumnSchema(name: "properties.depth", type: .integer, role: .value),
            ColumnSchema(name: "properties.depth", type: .float, role: .value),
            ColumnSchema(name: "properties.tags", type: .json, role: .value),
            ColumnSchema(name: "users", type: .state, role: .uniq),
        ])

    /// A random table; `nulls` of 8 cells are null.
    static func random(rows: Int, nulls: UInt64, seed: UInt64) -> PartSample {
        var generator = SeededRandom(seed: seed)
        let cells = schema.columns.indices.map { column in
            (0..<rows).map { row in
                let isNull = column != 1 && generator.next() % 8 < nulls
                return isNull ? Cell.null : Cell.random(column, row: row, &generator)
            }
        }
        return PartSample(schema: schema, cells: cells, coded: [0, 6])
    }
}

extension PartSample {
    /// A table of ids as clients make them: one column for each kind, some rows without.
    static func ids(rows: Int, seed: UInt64) -> PartSample {
        let names = [
            "timestamp", "short", "hexadecimal", "uuid", "timed", "session", "user", "visit",
            "owner", "received",
        ]
        let schema = TableSchema(
            name: "ids", kind: .raw, partitioning: .day, timeColumn: "timestamp",
            sortKey: ["timestamp"],
            columns: names.map {
                ColumnSchema(
                    name: $0,
                    type: ["timestamp", "received"].contains($0) ? .timestamp : .string,
                    role: .value)
            })
        var generator = SeededRandom(seed: seed)
        let cells = names.map { name in
            (0..<rows).map { row in
                !["timestamp", "received", "visit", "owner"].contains(name)
                    && generator.next() % 10 == 0
                    ? Cell.null : Cell.id(name, row: row, &generator)
            }
        }
        return PartSample(schema: schema, cells: cells, coded: [5, 7, 8])
    }
}

extension PartSample {
    /// A table of numbers of the shapes that encodings are for.
    static func numbers(rows: Int, seed: UInt64) -> PartSample {
        let columns: [(String, ValueType)] = [
            ("timestamp", .timestamp), ("outliers", .integer), ("squares", .integer),
            ("price", .float), ("ratio", .float), ("flag", .boolean), ("sparse", .integer),
        ]
        let schema = TableSchema(
            name: "numbers", kind: .raw, partitioning: .day, timeColumn: "timestamp", sortKey: [],
            columns: columns.map { ColumnSchema(name: $0.0, type: $0.1, role: .value) })
        var generator = SeededRandom(seed: seed)
        let cells = columns.map { name, _ in
            (0..<rows).map { Cell.number(name, row: Int64($0), generator.next()) }
        }
        return PartSample(schema: schema, cells: cells, coded: [])
    }
}

extension Cell {
    fileprivate static func number(_ column: String, row: Int64, _ random: UInt64) -> Cell {
        switch column {
        // Times of one key after the other.
        case "timestamp":
            return .integer(1_768_003_200_000 + row % 60 * 60_000 + Int64(random % 40_000))
        case "outliers": return .integer(Int64(random % (row % 50 == 3 ? 1 << 50 : 100)))
        case "squares": return .integer(row * row)
        case "price":
            if row % 40 == 7 { return .float(random | 0x7FF8_0000_0000_0000) }
            return .float((Double(random % 100_000) / 100).bitPattern)
        case "ratio": return .float((1 + Double(random % (1 << 40)) / Double(1 << 40)).bitPattern)
        case "flag": return .boolean(row / 100 % 2 == 0)
        default: return row % 200 < 20 ? .null : .integer(Int64(random % 1_000))
        }
    }

    fileprivate static func id(
        _ kind: String, row: Int, _ generator: inout SeededRandom
    ) -> Cell {
        func hexadecimal(_ number: UInt64, _ digits: Int) -> String {
            let text = String(number, radix: 16)
            return String(repeating: "0", count: max(0, digits - text.count)) + text.suffix(digits)
        }
        let (number, other) = (generator.next(), generator.next())
        // Ascending, by steps of any length.
        let time = 1_768_055_400_000 + Int64(row * 250 + row * row * 37 % 200)
        switch kind {
        case "timestamp": return .integer(time)
        case "received":
            return .integer(time + 20 + Int64(row % 9))
        case "short": return .string("\(number % 1_000)")
        case "hexadecimal": return .string("evt_" + hexadecimal(number, 16))
        case "uuid":
            let groups = [
                hexadecimal(number, 8), hexadecimal(number >> 32, 4), "4" + hexadecimal(other, 3),
                "a" + hexadecimal(other >> 12, 3), hexadecimal(other >> 16, 12),
            ]
            return .string(groups.joined(separator: "-"))
        case "timed": return .string("K-\(1_768_055_400_000 + row * 250)-\(number % 7)")
        case "visit": return .string("visit \(row * 7 % 41)")
        case "owner": return .string("owner \(number % 50 == 0 ? 40 : row * 7 % 41 * 13 % 37)")
        case "session": return .string("sess_\(number % 200 * 37)")
        default: return .string("user_\(number % 1_000_000).test")
        }
    }

    var bytes: [UInt8]? {
        if case .string(let bytes) = self { bytes } else { nil }
    }

    fileprivate static func random(
        _ column: Int, row: Int, _ generator: inout SeededRandom
    ) -> Cell {
        let number = generator.next()
        switch column {
        case 0: return .string(["click", "page_view", "scroll", "", "é"][Int(number % 5)])
        case 1: return .integer(1_768_055_400_000 + Int64(row) * 250)
        case 2: return .string("evt_\(number % 1_000)" + String(repeating: "x", count: row % 40))
        case 3: return .boolean(number % 50 == 0)
        case 4: return .integer(number % 9 == 0 ? Int64(bitPattern: number) : Int64(row / 5))
        case 5:
            let specials = [0.0, -0.0, .infinity, -.infinity, 1.5, -2.25, 1e300]
            let special = number % 11 == 0 ? Double.nan : specials[Int(number % 7)]
            return .float(special.bitPattern)
        case 6: return .string("[\(number % 3)]")
        default: return .string((0..<Int(number % 20)).map { UInt8($0) })
        }
    }

    static func codedVector(_ cells: [Cell], _ type: ValueType, _ dictionary: StringTable) -> Vector
    {
        let codes = cells.map { cell in
            guard let bytes = cell.bytes else { return UInt32(0) }
            let entry = (0..<dictionary.count).first { Array(dictionary.bytes(at: $0)) == bytes }
            return UInt32((entry ?? -1) + 1)
        }
        return Vector(type: type, values: .codes(codes, dictionary: dictionary))
    }

    static func vector(_ cells: [Cell], _ type: ValueType) -> Vector {
        var validity = Bitmap(count: 0)
        var strings = StringTable()
        var integers: [Int64] = []
        var floats: [Double] = []
        var booleans = Bitmap(count: 0)
        for cell in cells {
            validity.append(cell != .null)
            strings.append((cell.bytes ?? [])[...])
            if case .integer(let number) = cell {
                integers.append(number)
            } else {
                integers.append(0)
            }
            if case .float(let bits) = cell {
                floats.append(Double(bitPattern: bits))
            } else {
                floats.append(0)
            }
            booleans.append(cell == .boolean(true))
        }
        let values: Vector.Values =
            switch type {
            case .string, .json, .state: .strings(strings)
            case .integer, .timestamp: .integers(integers)
            case .float: .floats(floats)
            case .boolean: .booleans(booleans)
            }
        let isFull = validity.population == cells.count
        return Vector(type: type, values: values, validity: isFull ? nil : validity)
    }
}

extension Vector {
    /// The rows as cells; also checks that rows without a value hold 0, false or nothing.
    var cells: [Cell] {
        (0..<count).map { row in
            let isNull = validity.map { !$0[row] } ?? false
            switch values {
            case .codes(let codes, let dictionary):
                #expect(validity == nil)
                let code = Int(codes[row])
                return code == 0 ? .null : .string(Array(dictionary.bytes(at: code - 1)))
            case .strings(let table):
                if isNull { #expect(table.range(row).isEmpty) }
                return isNull ? .null : .string(Array(table.bytes(at: row)))
            case .integers(let numbers):
                if isNull { #expect(numbers[row] == 0) }
                return isNull ? .null : .integer(numbers[row])
            case .floats(let numbers):
                if isNull { #expect(numbers[row].bitPattern == 0) }
                return isNull ? .null : .float(numbers[row].bitPattern)
            case .booleans(let bits):
                if isNull { #expect(!bits[row]) }
                return isNull ? .null : .boolean(bits[row])
            }
        }
    }
}

/// Opens a part from its bytes, the way a reader of a file does.
func openPart(_ bytes: [UInt8]) throws(CorruptionError) -> PartFooter {
    let tail = PartFooter.tailRange(fileSize: bytes.count)
    let range = try PartFooter.footerRange(
        tail: bytes.span.extracting(tail), fileSize: bytes.count)
    return try PartFooter(decoding: bytes.span.extracting(range), fileSize: bytes.count)
}

/// Reads every cell of a part, by column.
func readCells(_ bytes: [UInt8], _ footer: PartFooter) throws(CorruptionError) -> [[Cell]] {
    try readCells(files: [bytes], footer)
}

/// Reads every cell of a part of any container from the bytes of its files.
func readCells(
    files: [[UInt8]], _ footer: PartFooter
) throws(CorruptionError) -> [[Cell]] {
    var decoder = BlockDecoder()
    var columns: [[Cell]] = []
    for column in footer.schema.columns.indices {
        let bytes = files[footer.container.file(column: column)]
        var dictionary: StringTable?
        if let range = footer.dictionaryRange(column: column) {
            dictionary = try decoder.decodeDictionary(
                footer, column: column, bytes: bytes.span.extracting(range))
        }
        var cells: [Cell] = []
        for granule in 0..<footer.granuleCount {
            let range = footer.blockRange(column: column, granule: granule)
            let origin = try readOrigin(files: files, footer, column: column, granule: granule)
            let vector = try decoder.decodeBlock(
                footer, column: column, granule: granule, bytes: bytes.span.extracting(range),
                dictionary: dictionary, origin: origin)
            #expect(vector.type == footer.schema.columns[column].type)
            #expect(vector.count == footer.rowCount(granule: granule))
            cells += vector.cells
        }
        columns.append(cells)
    }
    return columns
}

/// Reads what a column follows from; nil where it stands for itself.
private func readOrigin(
    files: [[UInt8]], _ footer: PartFooter, column: Int, granule: Int
) throws(CorruptionError) -> BlockOrigin? {
    guard let source = footer.source(ofColumn: column) else { return nil }
    let bytes = files[footer.container.file(column: source)]
    var decoder = BlockDecoder()
    var dictionary: StringTable?
    if let range = footer.dictionaryRange(column: source) {
        dictionary = try decoder.decodeDictionary(
            footer, column: source, bytes: bytes.span.extracting(range))
    }
    let block = footer.blockRange(column: source, granule: granule)
    let vector = try decoder.decodeBlock(
        footer, column: source, granule: granule, bytes: bytes.span.extracting(block),
        dictionary: dictionary)
    var map: [UInt32]?
    if let range = footer.mapRange(column: column) {
        let own = files[footer.container.file(column: column)]
        map = try decoder.decodeMap(footer, column: column, bytes: own.span.extracting(range))
    }
    return BlockOrigin(source: vector, map: map)
}

import Aggregates
import Base
import Disk
import Expressions
import PartFormat
import Store
import Testing

@testable import weir_part

/// Parts that tests make, flip bits in, and verify, all in memory.
enum Samples {
    static let schema = TableSchema(
        name: "t", kind: .rollup, partitioning: .day, timeColumn: "at", sortKey: ["type", "at"],
        columns: [
            ColumnSchema(name: "type", type: .string, role: .key),
            ColumnSchema(name: "at", type: .timestamp, role: .key),
            ColumnSchema(name: "d", type: .integer, role: .count),
            ColumnSchema(name: "x", type: .float, role: .value),
            ColumnSchema(name: "u", type: .state, role: .uniq),
            ColumnSchema(name: "b", type: .boolean, role: .value),
        ])

    /// Eight rows in two granules, in order, with nulls.
    static func columns() -> [Vector] {
        let dictionary = StringTable(["click", "view"])
        let states = (0..<8).map { row in
            var state = HyperLogLog()
            for user in 0..<row { state.insert(hash: hash64("user \(user)")) }
            return state.serialized()
        }
        var table = StringTable()
        for state in states { table.append(state[...]) }
        return [
            Vector(
                type: .string, values: .codes([0, 0, 1, 1, 1, 2, 2, 2], dictionary: dictionary)),
            Vector(
                type: .timestamp,
                values: .integers([1_000, 1_060, 1_000, 1_060, 5_120, 1_000, 1_060, 9_120])),
            Vector(
                type: .integer, values: .integers([5, 0, 75, 3, 77_123, 12, 1, 1]),
                validity: Bitmap(words: [0b1111_1101], count: 8)),
            Vector(type: .float, values: .floats([1.5, -0.0, 2, 3, 4, 5, 6, -7.25])),
            Vector(type: .state, values: .strings(table)),
            Vector(
                type: .boolean, values: .booleans(Bitmap(words: [0b1010_0110], count: 8)),
                validity: Bitmap(words: [0b0111_1111], count: 8)),
        ]
    }

    /// The files of a part of these columns.
    static func files(
        _ container: Container = .packed, _ columns: [Vector] = columns(),
        schema: TableSchema = schema, zstd: Bool = false, granuleRows: Int = 4
    ) -> [[UInt8]] {
        var options = PartWriterOptions()
        options.container = container
        options.compressionLevel = zstd ? 1 : nil
        var writer = PartWriter(
            schema: schema, dictionaries: [0: StringTable(["click", "view"])], options: options)
        let count = columns[0].count
        for start in stride(from: 0, to: count, by: granuleRows) {
            writer.append(columns.map { $0.rows(start..<min(start + granuleRows, count)) })
        }
        writer.finish(
            PartProvenance(
                positionFrom: LogPosition(8), positionTo: LogPosition(9), flushRange: 3...3))
        return (0..<writer.fileCount).map { writer.takeBytes(file: $0) }
    }

    /// Writes the checksum of a packed part's footer anew.
    static func mendFooter(_ bytes: inout [UInt8]) {
        let postscript = bytes.count - PartLayout.postscriptBytes
        let size = (0..<4).reduce(0) { $0 | Int(bytes[postscript + $1]) << (8 * $1) }
        let checksum = crc32c(Array(bytes[(postscript - size)..<postscript + 12]))
        put(checksum, at: postscript + 12, in: &bytes)
    }

    /// Writes the checksum of a block anew.
    static func mendBlock(_ range: Range<Int>, in bytes: inout [UInt8]) {
        let start = range.lowerBound
        let covered =
            Array(bytes[start..<start + 16]) + Array(bytes[(start + 20)..<range.upperBound])
        put(crc32c(covered), at: start + 16, in: &bytes)
    }

    private static func put(_ number: UInt32, at offset: Int, in bytes: inout [UInt8]) {
        for index in 0..<4 {
            bytes[offset + index] = UInt8(truncatingIfNeeded: number >> (8 * index))
        }
    }
}

/// What a verification finds in the files of a part.
func verify(_ files: [[UInt8]], entry: PartEntry? = nil) throws -> [CorruptionError] {
    let disk = FaultingDisk(seed: 1)
    try disk.createDirectory("/p.part")
    if files.count == 1 {
        try disk.write("/one.part", files[0])
    } else {
        for (index, bytes) in files.enumerated() {
            try disk.write("/p.part/\(Container.name(file: index))", bytes)
        }
    }
    let path = files.count == 1 ? "/one.part" : "/p.part"
    var found: [CorruptionError] = []
    let findings = Findings { found.append($0) }
    let source = try Source(path, disk: disk)
    let console = Console(isSilent: true)
    var visit = PartVisit(source, findings, console)
    try visit.forEach { part, place throws(StoreError) in
        var verifier = PartVerifier(
            part, PartPlace(path: place.path, entry: entry), findings, console)
        try verifier.run()
    }
    return found
}

extension FaultingDisk {
    func write(_ path: String, _ bytes: [UInt8]) throws {
        if try exists(path) { try unlink(path) }
        let file = try File(self, path, .create)
        try perform(
            WriteBatch(writes: [WriteBatch.Write(file: file.handle, offset: 0, bytes: bytes)]))
    }

    func bytes(_ path: String) throws -> [UInt8] { try wholeFile(path, self) }
}

extension Vector {
    /// Some of the rows.
    func rows(_ range: Range<Int>) -> Vector {
        func bits(_ bitmap: Bitmap) -> Bitmap {
            var rows = Bitmap(count: 0)
            for row in range { rows.append(bitmap[row]) }
            return rows
        }
        let values: Values =
            switch self.values {
            case .codes(let codes, let dictionary):
                .codes(Array(codes[range]), dictionary: dictionary)
            case .integers(let numbers): .integers(Array(numbers[range]))
            case .floats(let numbers): .floats(Array(numbers[range]))
            case .booleans(let bitmap): .booleans(bits(bitmap))
            case .strings(let table):
                .strings(
                    range.reduce(into: StringTable()) { $0.append(table.bytes(at: $1)) })
            }
        return Vector(type: type, values: values, validity: validity.map(bits))
    }
}

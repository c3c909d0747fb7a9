// The marks of derived tables, the horizons of tables, and partitions with the container of a part,
// in the payload of a manifest record (format-spec.md, "Manifest").

internal import Base
internal import PartFormat

extension ByteWriter {
    /// A partition, with the container of a part in the fifth bit of its kind.
    mutating func append(_ partition: Partition, _ container: Container = .packed) {
        let flag: UInt8 = container == .wide ? ByteReader.wideFlag : 0
        switch partition {
        case .mixed: append(0 | flag)
        case .day(let number):
            append(1 | flag)
            appendZigzag(Int64(number))
        case .month(let number):
            append(2 | flag)
            appendZigzag(Int64(number))
        }
    }

    /// Runs of marks that differ in the table only: derived tables mostly go on together.
    mutating func append(_ marks: [DerivedMark]) {
        var runs: [(first: DerivedMark, tables: [String])] = []
        for mark in marks {
            if let last = runs.last?.first, last.partition == mark.partition,
                last.flushNumber == mark.flushNumber
            {
                runs[runs.count - 1].tables.append(mark.table)
            } else {
                runs.append((mark, [mark.table]))
            }
        }
        var names: [String: Int] = [:]
        var ordered: [String] = []
        for mark in marks where names[mark.table] == nil {
            names[mark.table] = ordered.count
            ordered.append(mark.table)
        }
        appendVarint(ordered.count)
        for name in ordered { append(name) }
        appendVarint(runs.count)
        for run in runs {
            append(run.first.partition)
            append(run.first.flushNumber == nil ? 0 : 1)
            if let flush = run.first.flushNumber { appendVarint(flush) }
            appendVarint(run.tables.count)
            for table in run.tables { appendVarint(names[table] ?? 0) }
        }
    }

    mutating func append(_ marks: DerivedMarks) {
        var list = marks.flatMap { table, partitions in
            partitions.map { DerivedMark(table: table, partition: $0, flushNumber: $1) }
        }
        list.sort { left, right in
            if left.partition != right.partition { return left.partition < right.partition }
            let (mine, theirs) = (left.flushNumber ?? 0, right.flushNumber ?? 0)
            return mine == theirs ? left.table < right.table : mine < theirs
        }
        append(list)
    }
    /// Tables by the time of their horizon: most of a tier have the same.
    mutating func append(_ horizons: [String: Milliseconds]) {
        let groups = Dictionary(grouping: horizons.keys) { horizons[$0] ?? 0 }
        appendVarint(groups.count)
        for (time, tables) in groups.sorted(by: { $0.key < $1.key }) {
            appendZigzag(time)
            appendVarint(tables.count)
            for table in tables.sorted() { append(table) }
        }
    }
}

extension ByteReader {
    fileprivate static let wideFlag: UInt8 = 0x10

    /// The partition and the container of a part.
    mutating func readPlace() throws(CorruptionError) -> (Partition, Container) {
        let start = offset
        let kind = try readByte()
        let container = kind & Self.wideFlag == 0 ? Container.packed : .wide
        switch kind & ~Self.wideFlag {
        case 0: return (.mixed, container)
        case 1: return (.day(try readPeriod()), container)
        case 2: return (.month(try readPeriod()), container)
        default:
            throw CorruptionError(
                offset: start, expected: "a partition kind of 0 to 2", found: "\(kind)")
        }
    }

    /// The number of a day or month, whose times are such as events can have.
    private mutating func readPeriod() throws(CorruptionError) -> Int {
        let start = offset
        let number = try readZigzag()
        guard number.magnitude <= ManifestLimits.period else {
            throw CorruptionError(
                offset: start, expected: "a day or month up to \(ManifestLimits.period)",
                found: "\(number)")
        }
        return Int(number)
    }

    mutating func readHorizons() throws(CorruptionError) -> [String: Milliseconds] {
        var horizons: [String: Milliseconds] = [:]
        for _ in 0..<(try readCount(atMost: ManifestLimits.horizons, of: "horizons")) {
            let time = try readZigzag()
            for _ in 0..<(try readCount(atMost: ManifestLimits.horizons, of: "tables")) {
                horizons[try readString(atMost: ManifestLimits.nameBytes)] = time
            }
        }
        return horizons
    }

    mutating func readMarks() throws(CorruptionError) -> [DerivedMark] {
        var names: [String] = []
        for _ in 0..<(try readCount(atMost: ManifestLimits.marks, of: "derived tables")) {
            names.append(try readString(atMost: ManifestLimits.nameBytes))
        }
        var marks: [DerivedMark] = []
        for _ in 0..<(try readCount(atMost: ManifestLimits.marks, of: "marks")) {
            let (partition, _) = try readPlace()
            let flushNumber = try readByte() == 0 ? nil : try readNumber()
            for _ in 0..<(try readCount(atMost: names.count, of: "tables of a mark")) {
                let start = offset
                let index = try readCount(atMost: .max, of: "names")
                guard index < names.count else {
                    throw CorruptionError(
                        offset: start, expected: "one of \(names.count) tables", found: "\(index)")
                }
                marks.append(
                    DerivedMark(
                        table: names[index], partition: partition, flushNumber: flushNumber))
            }
        }
        return marks
    }
}

internal import Base
internal import Disk
internal import Expressions
internal import PartFormat

/// Reads parts that no manifest describes.
struct UnnamedPart {
    let directory: String
    let disk: any Disk

    /// What the part says of itself, if that fits its name and its files are there.
    func read(_ file: DirectoryListing.PartFile) throws(StoreError) -> Reattachment.Candidate {
        let isWide: Bool
        do throws(DiskError) {
            isWide = try disk.isDirectory("\(directory)/\(file.path)")
        } catch {
            throw .disk(error)
        }
        let name = isWide ? "\(file.path)/\(Container.name(file: 0))" : file.path
        let (footer, byteCount) = try readFooter(name)
        guard let times = footer.timeRange, footer.container == (isWide ? .wide : .packed) else {
            throw Self.mismatch(name, "a part with rows", "none")
        }
        let partition =
            file.partition == Partition.mixed.name
            ? Partition.mixed : Partition(times.lowerBound, footer.schema.partitioning)
        let flushes = footer.provenance.flushRange
        guard footer.schema.name == file.table, partition.name == file.partition,
            partition == .mixed
                || Partition(times.upperBound, footer.schema.partitioning) == partition,
            flushes.upperBound == file.flush, FileNames.isTableName(file.table)
        else {
            throw Self.mismatch(
                name, "a part of \(file.table), \(file.partition), up to flush \(file.flush)",
                "\(footer.schema.name), \(partition.name), \(flushes.upperBound)")
        }
        var entry = PartEntry(
            number: file.number, table: file.table, partition: partition, flushRange: flushes,
            rowCount: footer.rowCount, byteCount: byteCount, timeRange: times,
            container: footer.container)
        if isWide { entry.byteCount += try columnBytes(entry, footer) }
        return Reattachment.Candidate(entry: entry, footer: footer)
    }

    private func readFooter(
        _ name: String
    ) throws(StoreError) -> (footer: PartFooter, byteCount: Int) {
        let handle: FileHandle
        let byteCount: Int
        do throws(DiskError) {
            guard try disk.exists("\(directory)/\(name)") else {
                throw DiskError(operation: "", path: name, code: 0, message: "")
            }
            handle = try disk.open("\(directory)/\(name)", .read)
            byteCount = try disk.size(of: handle)
        } catch {
            if error.operation.isEmpty { throw Self.mismatch(name, "the file", "none") }
            throw .disk(error)
        }
        defer { disk.close(handle) }
        let footer = try FooterReader(disk: disk).read(
            name: name, handle, fileSize: byteCount)
        return (footer, byteCount)
    }

    /// The size of the files of the columns, all of which must be there and whole.
    private func columnBytes(
        _ entry: PartEntry, _ footer: PartFooter
    ) throws(StoreError) -> Int {
        var sum = 0
        for column in footer.schema.columns.indices {
            let name = entry.path(file: footer.container.file(column: column))
            let byteCount: Int
            do throws(DiskError) {
                byteCount = try DataDirectory.size("\(directory)/\(name)", disk) ?? 0
            } catch {
                throw .disk(error)
            }
            guard byteCount == footer.fileSize(column: column) else {
                throw Self.mismatch(
                    name, "\(footer.fileSize(column: column)) bytes", "\(byteCount)")
            }
            sum += byteCount
        }
        return sum
    }

    private static func mismatch(
        _ name: String, _ expected: String, _ found: String
    ) -> StoreError {
        .corrupt(CorruptionError(file: name, offset: 0, expected: expected, found: found))
    }
}

extension UnnamedPart {
    /// Whether the first row of a part of events is a row of the other: then all of its rows are.
    func isRow(of part: PartEntry, in other: PartEntry) throws(StoreError) -> Bool {
        let small = try open(part)
        let large = try open(other)
        let names = ["eventId", "timestamp", "receivedAt"].filter {
            small.schema.columnIndex($0) != nil && large.schema.columnIndex($0) != nil
        }
        let wanted = try Self.values(small, names, granule: 0).map { $0[0] }
        for granule in 0..<large.granuleCount {
            let columns = try Self.values(large, names, granule: granule)
            for row in 0..<large.rowCount(granule: granule)
            where zip(columns, wanted).allSatisfy({ $0[row] == $1 }) { return true }
        }
        return false
    }

    /// Whether there are events of exactly these times in a part of events.
    func hasTimes(_ times: [Milliseconds], _ entry: PartEntry) throws(StoreError) -> Bool {
        let part = try open(entry)
        guard let column = part.schema.columnIndex(part.schema.timeColumn) else { return false }
        var wanted = Set(times)
        for granule in 0..<part.granuleCount where !wanted.isEmpty {
            let read = try part.read(columns: [column], granules: [granule])
            guard case .integers(let found) = read[0][0].values else { return false }
            for time in found { wanted.remove(time) }
        }
        return wanted.isEmpty
    }

    /// Reads all of a part; fails where a checksum does not fit.
    func verify(_ entry: PartEntry) throws(StoreError) {
        let part = try open(entry)
        let columns = Array(part.schema.columns.indices)
        for granule in 0..<part.granuleCount {
            _ = try part.read(columns: columns, granules: [granule])
        }
    }

    private func open(_ entry: PartEntry) throws(StoreError) -> Part {
        let (footer, _) = try readFooter(entry.path(file: 0))
        return Part(
            entry: entry, footer: footer, disk: disk, directory: directory,
            handles: HandleBudget(0), report: { _, _ in })
    }

    /// The columns of a granule as bytes, one text or number a row.
    private static func values(
        _ part: Part, _ names: [String], granule: Int
    ) throws(StoreError) -> [[[UInt8]]] {
        let columns = names.compactMap { part.schema.columnIndex($0) }
        let vectors = try part.read(columns: columns, granules: [granule])[0]
        return vectors.map { vector in
            switch vector.values {
            case .codes(let codes, let dictionary):
                codes.map { $0 == 0 ? [] : Array(dictionary.bytes(at: Int($0) - 1)) }
            case .strings(let table): (0..<table.count).map { Array(table.bytes(at: $0)) }
            case .integers(let numbers): numbers.map { Array("\($0)".utf8) }
            case .floats, .booleans: [[UInt8]](repeating: [], count: vector.count)
            }
        }
    }
}

internal import Base
internal import PartFormat
internal import Store

/// Checks how a part lies in its files: headers, sizes, and places of blocks.
struct PartLayoutCheck {
    let part: PartFiles
    let findings: Findings

    private var footer: PartFooter { part.footer }

    func run() throws(StoreError) {
        for file in 0..<part.fileCount { try checkHeader(file) }
        if footer.container == .wide {
            for column in footer.schema.columns.indices { try checkSize(column) }
        }
        for file in 0..<part.fileCount { checkOverlaps(file) }
    }

    /// The first bytes of a file: they repeat what the postscript says.
    private func checkHeader(_ file: Int) throws(StoreError) {
        let size = try part.size(file: file)
        let name = part.name(file: file)
        guard size >= PartLayout.headerBytes else {
            return findings.add(
                name, size, expected: "a file of at least \(PartLayout.headerBytes) bytes",
                found: "its end")
        }
        let header = try part.read(file: file, [0..<PartLayout.headerBytes])[0]
        let expected = footer.fileHeader
        for (offset, meaning) in [(0, "the magic"), (8, "the version"), (10, "the container")] {
            let end = offset == 0 ? 8 : offset == 8 ? 10 : 11
            if header[offset..<end] != expected[offset..<end] {
                findings.add(
                    name, offset, expected: "\(meaning) \(hexText(expected[offset..<end]))",
                    found: hexText(header[offset..<end]))
            }
        }
        if header[11...].contains(where: { $0 != 0 }) {
            findings.add(
                name, 11, expected: "zeros up to offset 16", found: hexText(header[11...]))
        }
    }

    private func checkSize(_ column: Int) throws(StoreError) {
        let file = footer.container.file(column: column)
        let size = try part.size(file: file)
        let expected = footer.fileSize(column: column)
        if size != expected {
            findings.add(
                part.name(file: file), min(size, expected),
                expected: "a file of \(expected) bytes", found: "\(size)")
        }
    }

    /// No byte belongs to two blocks.
    private func checkOverlaps(_ file: Int) {
        var ranges: [Range<Int>] = []
        for column in footer.schema.columns.indices
        where footer.container.file(column: column) == file {
            if let range = footer.dictionaryRange(column: column) { ranges.append(range) }
            ranges += footer.filters.filter { $0.column == column }.map(\.range)
            if let range = footer.mapRange(column: column) { ranges.append(range) }
            for granule in 0..<footer.granuleCount {
                ranges.append(footer.blockRange(column: column, granule: granule))
            }
        }
        ranges.sort { $0.lowerBound < $1.lowerBound }
        for (before, after) in zip(ranges, ranges.dropFirst())
        where after.lowerBound < before.upperBound {
            findings.add(
                part.name(file: file), after.lowerBound,
                expected: "a block that begins behind the one before, at \(before.upperBound)",
                found: "one that begins within it")
        }
    }
}

/// Checks what a part says of itself against what the manifest says of it.
struct EntryCheck {
    let part: PartFiles
    let entry: PartEntry
    let findings: Findings

    private var footer: PartFooter { part.footer }

    func run() {
        let schema = footer.schema
        compare("table", entry.table, schema.name)
        compare("rows", entry.rowCount, footer.rowCount)
        compare("container", entry.container, footer.container)
        compare("flushes", entry.flushRange, footer.provenance.flushRange)
        if let times = footer.timeRange { compare("times", entry.timeRange, times) }
        compare("bytes", entry.byteCount, byteCount)
        checkPartition(schema)
    }

    private func compare<Value: Equatable>(_ what: String, _ expected: Value, _ found: Value) {
        if expected != found { add("\(what) \(expected), as the manifest says", "\(found)") }
    }

    private func add(_ expected: String, _ found: String) {
        let size = (try? part.size(file: 0)) ?? 0
        findings.add(part.name(file: 0), size, expected: expected, found: found)
    }

    private var byteCount: Int {
        (0..<part.fileCount).reduce(0) { $0 + ((try? part.size(file: $1)) ?? 0) }
    }

    /// All rows fall into the partition that the part is in.
    private func checkPartition(_ schema: TableSchema) {
        guard entry.partition != .mixed, let times = footer.timeRange else { return }
        for time in [times.lowerBound, times.upperBound] {
            let partition = Partition(time, schema.partitioning)
            if partition != entry.partition {
                add("times of \(entry.partition.name)", "\(timeText(time)), of \(partition.name)")
                return
            }
        }
    }
}

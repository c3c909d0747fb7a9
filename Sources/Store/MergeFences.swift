/// Where merges of a base end: a part lies on one side of every mark of the tables derived from it,
/// so that what these do not contain can always be read alone.
struct MergeFences {
    /// By table and partition: flush numbers, ascending.
    private var flushes: [String: [Partition: [UInt64]]] = [:]

    /// The marks of the tables that are derived.
    init(_ marks: DerivedMarks, tables: [DerivedTable]) {
        for table in tables {
            for (partition, flush) in marks[table.name] ?? [:] {
                insert(flush, table: table.base, partition)
            }
        }
    }

    /// Puts up another fence behind a flush.
    mutating func insert(_ flush: UInt64, table: String, _ partition: Partition) {
        var fences = flushes[table]?[partition] ?? []
        guard !fences.contains(flush) else { return }
        fences.append(flush)
        fences.sort()
        flushes[table, default: [:]][partition] = fences
    }

    /// How many fences stand before the part: only parts with as many may be merged.
    func span(of part: PartEntry) -> Int {
        guard let fences = flushes[part.table]?[part.partition] else { return 0 }
        return fences.count { $0 < part.flushRange.lowerBound }
    }
}

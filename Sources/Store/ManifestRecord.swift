// What the manifest says, record by record. The bytes are those of format-spec.md, "Manifest".
//
// A record is one commit: it takes effect as a whole or not at all. Reading the records in order,
// and doing what each says, gives the state of the store.

package import Base
package import PartFormat

/// A part as the manifest names it.
package struct PartEntry: Sendable, Equatable {
    /// Unique in the data directory, never used again.
    package var number: UInt64
    /// The table whose rows it holds.
    package var table: String
    /// The partition that all its rows fall into.
    package var partition: Partition
    /// The least and greatest flush whose rows are in the part.
    package var flushRange: ClosedRange<UInt64>
    /// How many rows it holds.
    package var rowCount: Int
    /// The size of its files.
    package var byteCount: Int
    /// The least and greatest time of its rows.
    package var timeRange: ClosedRange<Milliseconds>
    /// Whether it is a file or a folder of files.
    package var container: Container

    package init(
        number: UInt64, table: String, partition: Partition, flushRange: ClosedRange<UInt64>,
        rowCount: Int, byteCount: Int, timeRange: ClosedRange<Milliseconds>,
        container: Container = .packed
    ) {
        self.number = number
        self.table = table
        self.partition = partition
        self.flushRange = flushRange
        self.rowCount = rowCount
        self.byteCount = byteCount
        self.timeRange = timeRange
        self.container = container
    }

    /// The folder, relative to the data directory.
    package var folder: String { "\(FileNames.tables)/\(table)/\(partition.name)" }

    /// The file, or the folder of a wide part, relative to the data directory.
    package var path: String {
        "\(folder)/\(flushRange.upperBound)-\(number)\(FileNames.partSuffix)"
    }

    /// One of its files, relative to the data directory; 0 has the footer.
    func path(file: Int) -> String {
        container == .packed ? path : "\(path)/\(Container.name(file: file))"
    }
}

/// One record of the manifest.
package enum ManifestRecord: Sendable, Equatable {
    /// A flush: its parts, and where the log and the stream stand.
    case commit(CommitPoint, added: [PartEntry])
    /// A merge: parts that go and parts that come, with the same rows.
    case merge(removed: [UInt64], added: [PartEntry])
    /// Parts that were damaged and set aside, by number, with what was lost.
    case loss(removed: [UInt64], lost: [LostRows])
    /// What derived tables contain changes: parts that go and parts that come, with the new marks.
    case derivation(removed: [UInt64], added: [PartEntry], marks: [DerivedMark])
    /// Rows that damage took were made again, or are known to be gone for good.
    case repair(Repair)
    /// Rows that are no longer kept: parts that go, marks of what goes with them, and from when on
    /// tables hold all their rows (see `RetentionPolicy`).
    case retention(
        removed: [UInt64], marks: [DerivedMark], horizons: [String: Milliseconds])
    /// The whole state: how a manifest begins.
    case snapshot(ManifestState)

    /// What a repair changes.
    package struct Repair: Sendable, Equatable {
        /// Parts that go, as the parts that come have their rows.
        package var removed: [UInt64] = []
        /// Parts that come.
        package var added: [PartEntry] = []
        /// What derived tables contain from now on.
        package var marks: [DerivedMark] = []
        /// The files of losses that are none any more, or that are told anew by `lost`.
        package var recovered: [String] = []
        /// Losses as they are known now.
        package var lost: [LostRows] = []

        package init() {}
    }

    /// The numbers of the parts that go.
    var removed: Set<UInt64> {
        switch self {
        case .commit, .snapshot: []
        case .merge(let removed, _), .loss(let removed, _), .derivation(let removed, _, _),
            .retention(let removed, _, _):
            Set(removed)
        case .repair(let repair): Set(repair.removed)
        }
    }
}

/// The flush up to which a derived table contains a partition of its base.
package struct DerivedMark: Sendable, Equatable {
    /// The derived table.
    package var table: String
    /// The partition of the base.
    package var partition: Partition
    /// All flushes up to this are contained; nil if nothing is.
    package var flushNumber: UInt64?

    package init(table: String, partition: Partition, flushNumber: UInt64?) {
        self.table = table
        self.partition = partition
        self.flushNumber = flushNumber
    }
}

/// For each derived table and partition of its base: the flush up to which it contains the base.
///
/// A partition that is missing is not contained at all.
package typealias DerivedMarks = [String: [Partition: UInt64]]

/// What the records of a manifest add up to.
package struct ManifestState: Sendable, Equatable {
    /// Where the last commit left log and stream; nil before the first.
    package var lastCommit: CommitPoint?
    /// The number that the next part gets.
    package var nextPartNumber: UInt64 = 1
    /// The parts that make up the tables, by number.
    package var parts: [UInt64: PartEntry] = [:]
    /// All rows that are known to be lost.
    package var losses: [LostRows] = []
    /// What derived tables contain.
    package var marks: DerivedMarks = [:]
    /// From when on tables hold all their rows; the least number where they always have.
    ///
    /// Tables of which nothing was ever dropped need not be in it.
    package var horizons: [String: Milliseconds] = [:]

    package init() {}

    /// Does what a record says.
    package mutating func apply(_ record: ManifestRecord) {
        switch record {
        case .snapshot(let state): self = state
        case .commit(let point, let added):
            lastCommit = point
            add(added)
        case .merge(let removed, let added):
            for number in removed { parts[number] = nil }
            add(added)
        case .loss(let removed, let lost):
            for number in removed { parts[number] = nil }
            losses += lost
        case .derivation(let removed, let added, let marks):
            for number in removed { parts[number] = nil }
            add(added)
            for mark in marks { set(mark) }
        case .repair(let repair):
            for number in repair.removed { parts[number] = nil }
            add(repair.added)
            for mark in repair.marks { set(mark) }
            let recovered = Set(repair.recovered)
            losses.removeAll { recovered.contains($0.file) }
            losses += repair.lost
        case .retention(let removed, let marks, let moved):
            for number in removed { parts[number] = nil }
            for mark in marks { set(mark) }
            for (table, horizon) in moved {
                horizons[table] = horizon == RetentionPolicy.removed ? nil : horizon
            }
        }
    }

    /// Takes a mark for what the table contains from now on.
    mutating func set(_ mark: DerivedMark) {
        marks[mark.table, default: [:]][mark.partition] = mark.flushNumber
        if marks[mark.table]?.isEmpty == true { marks[mark.table] = nil }
    }

    private mutating func add(_ entries: [PartEntry]) {
        for entry in entries { add(entry) }
    }

    /// Adds a part to its table.
    mutating func add(_ entry: PartEntry) {
        parts[entry.number] = entry
        nextPartNumber = max(nextPartNumber, entry.number + 1)
    }
}

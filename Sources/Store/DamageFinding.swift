package import Base

/// Something that was found or done about damage: a line of the server's log, and the report that
/// lies beside what was moved to quarantine.
package struct DamageFinding: Sendable, Equatable {
    /// What happened.
    package enum Kind: String, Sendable {
        /// A part cannot be read and was set aside.
        case damaged
        /// Records of the manifest cannot be read.
        case manifest
        /// The rows of a part were made again.
        case madeAgain
        /// Nothing can make the rows of a part again.
        case lost
        /// A part that no readable record of the manifest names was taken up again.
        case takenUp
        /// A file that no record names and that cannot be taken up was set aside.
        case setAside
    }

    /// What happened.
    package var kind: Kind
    /// The file or folder, relative to the data directory, as it was named.
    package var file: String
    /// The table that the rows are of; empty where it is not known.
    package var table = ""
    /// The name of the rows' partition.
    package var partition = ""
    /// How many rows there are.
    package var rowCount = 0
    /// The least and greatest time of the rows.
    package var timeRange: ClosedRange<Milliseconds>?
    /// The flushes that the rows came with.
    package var flushRange: ClosedRange<UInt64>?
    /// What stands in the file that should not; nil where nothing is wrong with its bytes.
    package var error: CorruptionError?
    /// What is or was done about it, in words.
    package var action: String
    /// When.
    package var time: Milliseconds

    init(
        _ kind: Kind, file: String, error: CorruptionError? = nil, action: String,
        time: Milliseconds = Clock.now()
    ) {
        self.kind = kind
        self.file = file
        self.error = error
        self.action = action
        self.time = time
    }

    init(_ kind: Kind, _ entry: PartEntry, error: CorruptionError? = nil, action: String) {
        self.init(kind, file: entry.path, error: error, action: action)
        table = entry.table
        partition = entry.partition.name
        rowCount = entry.rowCount
        timeRange = entry.timeRange
        flushRange = entry.flushRange
    }

    init(_ kind: Kind, _ loss: LostRows, action: String) {
        self.init(kind, file: loss.file, action: action)
        table = loss.table
        partition = loss.place?.partition.name ?? ""
        rowCount = loss.rowCount
        timeRange = loss.timeRange
        flushRange = loss.place?.flushRange
    }

    /// One sentence, the same for all findings of a kind.
    package var message: String {
        switch kind {
        case .damaged: "a part is damaged and was set aside"
        case .manifest: "records of the manifest are damaged"
        case .madeAgain: "the rows of a damaged part were made again"
        case .lost: "rows are lost to damage"
        case .takenUp: "a part that no readable record names was taken up again"
        case .setAside: "a file that no readable record names was set aside"
        }
    }

    /// Writes what is known as members of an object.
    package func write(into writer: inout JSONWriter) {
        writer.field("finding", kind.rawValue)
        writer.field("part", file)
        if !table.isEmpty {
            writer.field("table", table)
            writer.field("partition", partition)
            writer.field("rows", rowCount)
        }
        if let timeRange {
            writer.field("firstTime", CivilTime(timeRange.lowerBound).text)
            writer.field("lastTime", CivilTime(timeRange.upperBound).text)
        }
        if let flushRange {
            writer.field("firstFlush", flushRange.lowerBound)
            writer.field("lastFlush", flushRange.upperBound)
        }
        if let error {
            writer.field("file", error.file.isEmpty ? file : error.file)
            writer.field("offset", error.offset)
            writer.field("expected", error.expected)
            writer.field("found", error.found)
        }
        writer.field("action", action)
    }

    /// The report as a file.
    func report() -> [UInt8] {
        var writer = JSONWriter(reserving: 512)
        writer.beginObject()
        writer.field("at", CivilTime(time).text)
        write(into: &writer)
        writer.endObject()
        return writer.finish() + [UInt8(ascii: "\n")]
    }
}

/// Findings until the server has told them, and how many there were; a log that nobody reads keeps
/// the first ones.
struct DamageJournal: Sendable {
    private static let countMax = 10_000

    private(set) var damagedParts = 0
    private(set) var partsMadeAgain = 0
    private(set) var partsTakenUp = 0
    private var waiting: [DamageFinding] = []

    mutating func add(_ finding: DamageFinding) {
        switch finding.kind {
        case .damaged: damagedParts += 1
        case .madeAgain: partsMadeAgain += 1
        case .takenUp: partsTakenUp += 1
        case .manifest, .lost, .setAside: break
        }
        if waiting.count < Self.countMax { waiting.append(finding) }
    }

    mutating func take() -> [DamageFinding] {
        defer { waiting = [] }
        return waiting
    }
}

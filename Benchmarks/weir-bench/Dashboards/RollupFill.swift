internal import Base
internal import Disk
internal import Store

/// What rollups are filled with.
struct FillSettings: Equatable {
    var eventCount = 100_000_000
    var days = 30
    var seed = 1
    /// Events of one flush; bounds the memory of filling.
    var flushEventCount = 100_000
    /// Where the rollups end, on a full hour.
    var end: Milliseconds

    /// Before all events that a load may send from now on: those come up to an hour late.
    static func latestEnd(now: Milliseconds) -> Milliseconds {
        let hour = CivilTime.millisecondsPerHour
        return (now - 70 * CivilTime.millisecondsPerMinute) / hour * hour
    }

    var range: Range<Milliseconds> { end - Milliseconds(days) * CivilTime.millisecondsPerDay..<end }

    var json: JSONValue {
        .object([
            ("events", .number(Double(eventCount))), ("days", .number(Double(days))),
            ("seed", .number(Double(seed))), ("end", .string(CivilTime(end).text)),
        ])
    }

    /// Reads what `json` wrote; nil where it is something else.
    init?(json: JSONValue) {
        guard let events = json["events"].number, let days = json["days"].number,
            let seed = json["seed"].number, let text = json["end"].string,
            case .instant(let end) = CivilTime.parse(text)
        else { return nil }
        self.init(eventCount: Int(events), days: Int(days), seed: Int(seed), end: end)
    }

    init(eventCount: Int, days: Int, seed: Int, end: Milliseconds) {
        self.eventCount = eventCount
        self.days = days
        self.seed = seed
        self.end = end
    }
}

/// Makes the base rollups of seeded events, in the proportions of `EventGenerator`, and writes them
/// into a data directory through the store, flush by flush; or only counts what they add up to.
struct RollupFill {
    private static let sessionCount = 4_096
    private static let users = "user_"

    private let settings: FillSettings
    private let catalogue: Catalogue
    private var random: Randomness
    private var sessions: SessionTable
    private var userHashes = Array(repeating: UInt64(0), count: Catalogue.userCount)
    private var truth: DashboardTruth

    init(_ settings: FillSettings, _ catalogue: Catalogue) {
        self.settings = settings
        self.catalogue = catalogue
        random = Randomness(seed: UInt64(settings.seed))
        sessions = SessionTable(
            catalogue, count: Self.sessionCount, stream: 0, step: 1, &random)
        truth = DashboardTruth(catalogue, range: settings.range)
    }

    /// What the events add up to, without writing any.
    static func truth(_ settings: FillSettings, _ catalogue: Catalogue) -> DashboardTruth {
        var fill = RollupFill(settings, catalogue)
        for index in 0..<settings.eventCount { fill.truth.add(fill.event(index)) }
        return fill.truth
    }

    /// Fills a directory that has no store yet, and adds to the report how that went.
    static func run(
        _ settings: FillSettings, _ catalogue: Catalogue, directory: String,
        _ report: inout Report
    ) throws(UsageError) -> DashboardTruth {
        var fill = RollupFill(settings, catalogue)
        do throws(StoreError) {
            try fill.write(to: directory, &report)
        } catch {
            throw UsageError(failure: "cannot fill \(directory): \(error)")
        }
        try writeFile(settingsPath(directory), settings.json.text + "\n")
        return fill.truth
    }

    /// What a directory was filled with; nil where it was not.
    static func settings(of directory: String) -> FillSettings? {
        FillSettings(json: JSONValue(ArraySlice(readText(settingsPath(directory)).utf8)))
    }

    /// Beside the directory, which is the store's alone.
    private static func settingsPath(_ directory: String) -> String { directory + ".fill.json" }

    private mutating func write(
        to directory: String, _ report: inout Report
    ) throws(StoreError) {
        var options = StoreOptions()
        options.mergesInBackground = false
        options.derivedTables = Catalog.builtIn.derivedTables
        let store = try Store.open(
            directory: directory, disk: LinuxDisk(), options: options, syncLog: { _ in })
        defer { store.close() }
        let begun = Clock.monotonicNanoseconds()
        let dictionaries = RollupRows.Dictionaries(catalogue)
        var rows = RollupRows(dictionaries)
        var flushNumber: UInt64 = 0
        for index in 0..<settings.eventCount {
            let event = event(index)
            truth.add(event)
            rows.add(event, userHash: userHash(event.user))
            let isLast = index == settings.eventCount - 1
            guard isLast || (index + 1) % settings.flushEventCount == 0 else { continue }
            flushNumber += 1
            try store.commit(batch(flushNumber, rows.parts(), until: event.time))
            rows = RollupRows(dictionaries)
            if isLast || flushNumber % 16 == 0 { try settle(store) }
        }
        addFigures(store, since: begun, &report)
    }

    /// Does the background work that the server would have done by now.
    private func settle(_ store: Store) throws(StoreError) {
        while try store.deriveOnce() {}
        while try store.mergeOnce() {}
    }

    private func batch(
        _ number: UInt64, _ parts: [MemoryPart], until time: Milliseconds
    ) -> FlushBatch {
        // The stream's state, as `StreamCheckpoint` reads it: times, and no ids to remember.
        var state = ByteWriter()
        state.append(1)
        for _ in 0..<3 { state.appendZigzag(time) }
        state.appendVarint(0)
        let position = LogPosition(number)
        return FlushBatch(
            flushNumber: number, position: position, replayPosition: position, watermark: time,
            state: state.bytes, parts: parts)
    }

    private func addFigures(_ store: Store, since begun: UInt64, _ report: inout Report) {
        let metrics = store.metrics()
        report.add("fill s", Double(Clock.monotonicNanoseconds() - begun) / 1e9)
        report.add("fill flushes", metrics.commits)
        report.add("fill merges", metrics.merges)
        let bytes = metrics.tables.reduce(0) { $0 + $1.byteCount }
        report.add("rollup bytes an event", Double(bytes) / Double(settings.eventCount))
        report.addTable(
            "tables", ["table", "parts", "rows", "MB", "bytes an event"],
            metrics.tables.map { table in
                let perEvent = Double(table.byteCount) / Double(settings.eventCount)
                return [
                    .string(table.name), .number(Double(table.partCount)),
                    .number(Double(table.rowCount)),
                    .number((Double(table.byteCount) / 1e5).rounded() / 10),
                    .number((perEvent * 1_000).rounded() / 1_000),
                ]
            })
    }

    /// The next event; events are spread evenly over the range.
    private mutating func event(_ index: Int) -> RollupEvent {
        let dice = random.next()
        let slot = Int(dice & 0xFFF)
        let (type, page) = sessions.advance(slot, &random)
        let length = Int(settings.range.upperBound - settings.range.lowerBound)
        let time = settings.range.lowerBound + Milliseconds(index * length / settings.eventCount)
        return RollupEvent(
            time: time, type: type, page: page, device: sessions.devices[slot],
            browser: sessions.browsers[slot], country: sessions.countries[slot],
            element: catalogue.elementChoice.draw(hash64(dice)), user: sessions.users[slot])
    }

    /// The hash of a user's id, as the stream makes it.
    private mutating func userHash(_ user: Int) -> UInt64 {
        if userHashes[user] == 0 { userHashes[user] = hash64("\(Self.users)\(user + 1)") }
        return userHashes[user]
    }
}

internal import Aggregates
internal import Base
internal import Expressions
internal import Store

/// An event as far as rollups know it; all but time and user are indices into the catalogue.
struct RollupEvent {
    var time: Milliseconds
    var type: Int
    var page: Int
    var device: Int
    var browser: Int
    var country: Int
    var element: Int
    var user: Int
}

/// The rows of one flush: what the stream would hold of the same events, one row an event.
///
/// The store combines rows of equal keys when it commits them.
struct RollupRows {
    /// The texts of codes, code 1 first, the same for all flushes.
    struct Dictionaries {
        let byDimension: [String: StringTable]

        init(_ catalogue: Catalogue) {
            func table(_ pool: TextPool) -> StringTable {
                StringTable((0..<pool.count).map { pool.text($0) })
            }
            byDimension = [
                "page": table(catalogue.pages), "element": table(catalogue.elements),
                "device": StringTable(Catalogue.devices),
                "browser": StringTable(Catalogue.browsers),
                "country": StringTable(Catalogue.countries),
                "eventType": StringTable(Catalogue.eventTypes),
            ]
        }
    }

    /// The rows of one source.
    private struct Rows {
        var codes: [[UInt32]]
        var minutes: [Milliseconds] = []
        var counts: [Int64] = []
        var users: [UInt64] = []

        init(dimensionCount: Int) { codes = Array(repeating: [], count: dimensionCount) }
    }

    private static let viewDimensions = ["page", "device", "browser", "country"]
    private static let clickDimensions = ["page", "element"]

    private let dictionaries: Dictionaries
    private var views = Rows(dimensionCount: viewDimensions.count)
    private var clicks = Rows(dimensionCount: clickDimensions.count)
    /// By minute, and in each by type.
    private var events: [Milliseconds: [Int64]] = [:]
    private var lastMinute = Milliseconds.min
    private var lastCounts = Array(repeating: Int64(0), count: Catalogue.eventTypes.count)

    init(_ dictionaries: Dictionaries) { self.dictionaries = dictionaries }

    /// Takes an event; `userHash` is that of its user's id.
    mutating func add(_ event: RollupEvent, userHash: UInt64) {
        let minute = event.time - event.time % CivilTime.millisecondsPerMinute
        if minute != lastMinute { beginMinute(minute) }
        lastCounts[event.type] &+= 1
        switch event.type {
        case EventType.pageView.rawValue:
            views.codes[0].append(UInt32(event.page + 1))
            views.codes[1].append(UInt32(event.device + 1))
            views.codes[2].append(UInt32(event.browser + 1))
            views.codes[3].append(UInt32(event.country + 1))
            views.minutes.append(minute)
            views.counts.append(1)
            views.users.append(userHash)
        case EventType.click.rawValue:
            clicks.codes[0].append(UInt32(event.page + 1))
            clicks.codes[1].append(UInt32(event.element + 1))
            clicks.minutes.append(minute)
            clicks.counts.append(1)
        default: break
        }
    }

    private mutating func beginMinute(_ minute: Milliseconds) {
        if lastMinute != .min { events[lastMinute] = lastCounts }
        lastMinute = minute
        for type in lastCounts.indices { lastCounts[type] = 0 }
    }

    /// The rows as parts, one for each base rollup that has any.
    mutating func parts() -> [MemoryPart] {
        beginMinute(.min)
        let catalog = Catalog.builtIn
        return catalog.rollups.compactMap { rollup in
            switch rollup.eventType {
            case nil: return part(rollup, eventRows, ["eventType"])
            case "page_view": return part(rollup, views, Self.viewDimensions)
            case "click": return part(rollup, clicks, Self.clickDimensions)
            default: return nil
            }
        }
    }

    private var eventRows: Rows {
        var rows = Rows(dimensionCount: 1)
        for (minute, counts) in events.sorted(by: { $0.key < $1.key }) {
            for (type, count) in counts.enumerated() where count > 0 {
                rows.codes[0].append(UInt32(type + 1))
                rows.minutes.append(minute)
                rows.counts.append(count)
            }
        }
        return rows
    }

    private func part(
        _ rollup: RollupDefinition, _ rows: Rows, _ names: [String]
    ) -> MemoryPart? {
        if rows.minutes.isEmpty { return nil }
        var columns: [MemoryPart.Column] = []
        for dimension in rollup.dimensions {
            guard let index = names.firstIndex(of: dimension),
                let dictionary = dictionaries.byDimension[dimension]
            else { return nil }
            let codes = rows.codes[index]
            columns.append(
                .vector(Vector(type: .string, values: .codes(codes, dictionary: dictionary))))
        }
        columns.append(.vector(Vector(type: .timestamp, values: .integers(rows.minutes))))
        columns.append(.vector(Vector(type: .integer, values: .integers(rows.counts))))
        if rollup.countsUsers {
            var members = HashedMembers()
            members.append(sets: rows.users.indices.map { UInt32($0) }, hashes: rows.users)
            columns.append(.members(members))
        }
        return MemoryPart(
            schema: rollup.schema(corrections: false), rowCount: rows.minutes.count,
            columns: columns)
    }
}

internal import Base
internal import Expressions
internal import PartFormat
internal import Store

/// Raw rows in the form that a query reads rollups in: each is a row that counts one event, with
/// its dimensions as text.
///
/// Has exactly the columns that one query asks for: its dimensions, the columns of its filters, and
/// then time, measure and lateness.
struct RawEventsPart: TablePart {
    /// Where the values of a column come from.
    private enum Source {
        /// The columns of the part, one for each type; a row has a value in one of them.
        case text([Int])
        case time(Int)
        case one
        case people(user: Int?, session: Int?)
        case late(Int?)

        var columns: [Int] {
            switch self {
            case .text(let columns): columns
            case .time(let column): [column]
            case .one: []
            case .people(let user, let session): [user, session].compactMap { $0 }
            case .late(let column): column.map { [$0] } ?? []
            }
        }
    }

    let part: any TablePart
    let schema: TableSchema
    let layout: ScanLayout
    private let sources: [Source]

    /// Nil for a part without times.
    init?(_ part: any TablePart, _ query: MetricsQuery) {
        guard let time = part.schema.columnIndex(part.schema.timeColumn) else { return nil }
        self.part = part
        let texts = (query.dimensions + query.filters.map(\.dimension)).map { name in
            Source.text(RawDimension.columns(of: name, in: part.schema))
        }
        let measure: Source =
            query.metric.aggregate == .count
            ? .one
            : .people(
                user: part.schema.columnIndex("userId"),
                session: part.schema.columnIndex("sessionId"))
        sources = texts + [.time(time), measure, .late(part.schema.columnIndex("late"))]
        let types =
            texts.map { _ in ValueType.string } + [.timestamp, .integer, .boolean]
        schema = TableSchema(
            name: part.schema.name, kind: .raw, partitioning: part.schema.partitioning,
            timeColumn: "time", sortKey: [],
            columns: types.enumerated().map { index, type in
                ColumnSchema(
                    name: type == .timestamp ? "time" : "\(index)", type: type, role: .value)
            })
        let count = query.dimensions.count
        layout = ScanLayout(
            dimensions: Array(0..<count), filters: Array(count..<texts.count), time: texts.count,
            measure: texts.count + 1, events: nil, late: texts.count + 2)
    }

    var rowCount: Int { part.rowCount }
    var timeRange: ClosedRange<Milliseconds>? { part.timeRange }
    var granuleCount: Int { part.granuleCount }

    func rowCount(granule: Int) -> Int { part.rowCount(granule: granule) }

    /// Known of times, and of dimensions that are text throughout.
    func zone(column: Int, granule: Int) -> Zone? {
        switch sources[column] {
        case .time(let time): return part.zone(column: time, granule: granule)
        case .text(let columns):
            guard columns.count == 1, part.schema.columns[columns[0]].type == .string else {
                return nil
            }
            return part.zone(column: columns[0], granule: granule)
        case .one, .people, .late: return nil
        }
    }

    func granules(
        _ granules: [Int], column: Int, holdingAny values: [[UInt8]]
    ) throws(StoreError) -> [Int] {
        guard case .text(let columns) = sources[column], columns.count == 1,
            part.schema.columns[columns[0]].type == .string
        else { return granules }
        return try part.granules(granules, column: columns[0], holdingAny: values)
    }

    func read(columns: [Int], granules: [Int]) throws(StoreError) -> [[Vector]] {
        let needed = Set(columns.flatMap { sources[$0].columns }).sorted()
        let read = try part.read(columns: needed, granules: granules)
        return zip(granules, read).map { granule, vectors in
            let found = Dictionary(uniqueKeysWithValues: zip(needed, vectors))
            let rowCount = part.rowCount(granule: granule)
            return columns.map { Self.vector(sources[$0], found, rowCount) }
        }
    }

    private static func vector(
        _ source: Source, _ vectors: [Int: Vector], _ rowCount: Int
    ) -> Vector {
        switch source {
        case .text(let columns):
            return RawDimension.text(columns.compactMap { vectors[$0] }, rowCount: rowCount)
        case .time(let column):
            return vectors[column]
                ?? Vector(type: .timestamp, values: .integers([]))
        case .one:
            let ones = [Int64](repeating: 1, count: rowCount)
            return Vector(type: .integer, values: .integers(ones))
        case .people(let user, let session):
            return RawPeople.hashes(
                user: user.flatMap { vectors[$0] }, session: session.flatMap { vectors[$0] },
                rowCount: rowCount)
        case .late(let column):
            return column.flatMap { vectors[$0] }
                ?? Vector(type: .boolean, values: .booleans(Bitmap(count: rowCount)))
        }
    }
}

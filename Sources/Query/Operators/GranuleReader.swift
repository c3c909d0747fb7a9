internal import Base
internal import Expressions
internal import PartFormat
internal import Store

/// Reads the rows of granules that meet the conditions, and of those only the columns asked for.
///
/// 1. Condition by condition: the columns that it needs, of the granules in which rows are left.
/// 2. The other columns, of granules in which rows are left at the end. What a zone says to be the
/// same in all rows is not read.
struct GranuleReader {
    /// Rows of one granule that count, by column of the scan.
    fileprivate struct Rows {
        var granule: PreparedPart.Granule
        var rowCount: Int
        /// Those that count; nil is all.
        var kept: [UInt32]?
        /// By column of the scan; nil while it is not read.
        var vectors: [Vector?]
        var known: [Expression: Int64] = [:]

        var isEmpty: Bool { kept?.isEmpty ?? false }
    }

    /// The rows of a granule that count.
    struct Scanned {
        var batch: Batch
        /// The values of expressions that are the same in all rows, as far as that is known.
        var known: [Expression: Int64]
    }

    let prepared: PreparedPart
    private let conditions: [ScanCondition]
    /// The columns of the scan that are asked for.
    private let wanted: [Int]
    private let monotone: [Int: Set<Expression>]
    private let cache: BlockCache
    /// The number of the query for the cache.
    private let query: Int

    private(set) var bytesRead = 0

    init(
        _ prepared: PreparedPart, _ scan: Pipeline.Scan, _ cache: BlockCache, query: Int
    ) {
        self.prepared = prepared
        self.query = query
        self.cache = cache
        conditions = scan.conditions
        wanted = scan.wanted
        monotone = scan.monotone
    }

    /// A batch for each granule in which rows count; columns not asked for are NULL.
    mutating func read(
        _ granules: ArraySlice<PreparedPart.Granule>, _ evaluator: inout Evaluator
    ) throws(ScanFailure) -> [Scanned] {
        var rows = granules.map { granule in
            Rows(
                granule: granule, rowCount: prepared.part.rowCount(granule: granule.number),
                vectors: prepared.columns.map { _ in nil })
        }
        for index in prepared.order {
            let places = rows.indices.filter { rows[$0].granule.open.contains(index) }
            if places.isEmpty { continue }
            try load(conditions[index].columns, places, &rows)
            for place in places { try apply(index, &rows[place], &evaluator) }
            rows.removeAll(where: \.isEmpty)
        }
        for place in rows.indices { evaluateMonotone(&rows[place], &evaluator) }
        try load(wanted, Array(rows.indices), &rows)
        return rows.map { Scanned(batch: batch($0), known: $0.known) }
    }

    /// Finds out the functions of times that are the same at the ends of a granule.
    private func evaluateMonotone(_ rows: inout Rows, _ evaluator: inout Evaluator) {
        for (column, expressions) in monotone where rows.vectors[column] == nil {
            guard let zone = prepared.zone(column, granule: rows.granule.number),
                case .integers(let bounds) = zone.bounds, zone.nullCount == 0
            else { continue }
            let ends = Vector(
                type: .timestamp, values: .integers([bounds.lowerBound, bounds.upperBound]))
            let batch = Batch(
                columns: [Vector](repeating: ends, count: prepared.columns.count), rowCount: 2)
            var known: [Expression: Int64] = [:]
            for expression in expressions {
                guard let vector = try? evaluator.evaluate(expression, batch),
                    case .integers(let values) = vector.values, values.count == 2,
                    values[0] == values[1], vector.validity == nil
                else { break }
                known[expression] = values[0]
            }
            if known.count < expressions.count { continue }
            rows.known.merge(known) { first, _ in first }
            // Nobody reads it.
            rows.vectors[column] = .nulls(type: .timestamp, count: rows.rowCount)
        }
    }

    private func batch(_ rows: Rows) -> Batch {
        let rowCount = rows.kept?.count ?? rows.rowCount
        var columns: [Vector] = []
        columns.reserveCapacity(prepared.columns.count)
        var isWanted = [Bool](repeating: false, count: prepared.columns.count)
        for column in wanted { isWanted[column] = true }
        for (index, column) in prepared.columns.enumerated() {
            guard isWanted[index], let vector = rows.vectors[index] else {
                columns.append(.nulls(type: column.type.valueType, count: rowCount))
                continue
            }
            columns.append(rows.kept.map { vector.gathered($0[...]) } ?? vector)
        }
        return Batch(columns: columns, rowCount: rowCount)
    }

    /// Leaves the rows that meet a condition.
    private func apply(
        _ index: Int, _ rows: inout Rows, _ evaluator: inout Evaluator
    ) throws(ScanFailure) {
        let condition = conditions[index]
        if let matches = prepared.matches[index], let column = condition.columns.first,
            case .codes(let codes, _) = rows.vectors[column]?.values
        {
            rows.keep(codes, matches)
            return
        }
        let mayEvaluateAll = condition.neverFails || rows.kept == nil
        let kept = mayEvaluateAll ? nil : rows.kept
        let rowCount = kept?.count ?? rows.rowCount
        var columns: [Vector] = []
        let unread = Vector.nulls(type: .string, count: 0)
        for vector in rows.vectors {
            guard let vector else {
                columns.append(unread)
                continue
            }
            columns.append(kept.map { vector.gathered($0[...]) } ?? vector)
        }
        let found: Bitmap
        do throws(EvaluationError) {
            found = try evaluator.selection(
                condition.expression, Batch(columns: columns, rowCount: rowCount))
        } catch {
            throw .query(QueryError(error))
        }
        if mayEvaluateAll { rows.keep(found) } else { rows.keepOfKept(found) }
    }

    /// Reads columns of the scan for some granules, in one batch of reads.
    private mutating func load(
        _ columns: [Int], _ places: [Int], _ rows: inout [Rows]
    ) throws(ScanFailure) {
        var groups: [[Int]: [Int]] = [:]
        for place in places {
            var missing: [Int] = []
            for column in columns where rows[place].vectors[column] == nil {
                if let known = try constant(column, rows[place]) {
                    rows[place].vectors[column] = known
                } else {
                    missing.append(column)
                }
            }
            if !missing.isEmpty { groups[missing, default: []].append(place) }
        }
        for (missing, places) in groups {
            let sources = Set(missing.flatMap { prepared.columns[$0].sources }).sorted()
            let granules = places.map { rows[$0].granule.number }
            let read: [[Vector]]
            do throws(StoreError) {
                read = try cache.read(
                    prepared.part, columns: sources, granules: granules, query: query)
            } catch {
                throw .storage(error)
            }
            for (place, vectors) in zip(places, read) {
                for vector in vectors { bytesRead += vector.rowBytes }
                for column in missing {
                    let own = prepared.columns[column].sources.compactMap { source in
                        sources.firstIndex(of: source).map { vectors[$0] }
                    }
                    rows[place].vectors[column] = prepared.columns[column].vector(
                        own, rowCount: rows[place].rowCount)
                }
            }
        }
    }

    /// A column's vector where it is known without reading: all rows have one value, or none has.
    private func constant(_ column: Int, _ rows: Rows) throws(ScanFailure) -> Vector? {
        let scanned = prepared.columns[column]
        if scanned.sources.isEmpty {
            return .nulls(type: scanned.type.valueType, count: rows.rowCount)
        }
        guard prepared.part is Part, let zone = prepared.zone(column, granule: rows.granule.number)
        else { return nil }
        switch zone.bounds {
        case .integers(let bounds)
        where bounds.lowerBound == bounds.upperBound && zone.nullCount == 0:
            return Vector(
                type: scanned.type.valueType,
                values: .integers(
                    [Int64](repeating: bounds.lowerBound, count: rows.rowCount)))
        case .strings(let least, let greatest) where least == greatest && zone.nullCount == 0:
            do throws(StoreError) {
                guard let dictionary = try prepared.dictionary(column) else { return nil }
                let code = UInt32(dictionary.place(of: least, orAfter: false) + 1)
                return Vector(
                    type: scanned.type.valueType,
                    values: .codes(
                        [UInt32](repeating: code, count: rows.rowCount), dictionary: dictionary))
            } catch {
                throw .storage(error)
            }
        default: return nil
        }
    }
}

/// Why a scan does not go on.
enum ScanFailure: Error {
    case storage(StoreError)
    case query(QueryError)
}

extension GranuleReader.Rows {
    fileprivate mutating func keep(_ found: Bitmap) {
        guard let before = kept else {
            kept = found.population == rowCount ? nil : found.rowNumbers
            return
        }
        kept = before.filter { found[Int($0)] }
    }

    /// Of a bitmap over the rows that were kept.
    fileprivate mutating func keepOfKept(_ found: Bitmap) {
        guard let before = kept else { return keep(found) }
        kept = found.rowNumbers.map { before[Int($0)] }
    }

    /// The rows whose code matches; without branches, as that is hard to guess.
    fileprivate mutating func keep(_ codes: [UInt32], _ matches: [Bool]) {
        let (codes, matches) = (codes.span, matches.span)
        var found = [UInt32](repeating: 0, count: kept?.count ?? codes.count)
        var count = 0
        do {
            var target = found.mutableSpan
            if let before = kept?.span {
                for index in before.indices {
                    target[count] = before[index]
                    count &+= matches[Int(codes[Int(before[index])])] ? 1 : 0
                }
            } else {
                for row in codes.indices {
                    target[count] = UInt32(truncatingIfNeeded: row)
                    count &+= matches[Int(codes[row])] ? 1 : 0
                }
            }
        }
        if count == rowCount {
            kept = nil
        } else {
            found.removeLast(found.count - count)
            kept = found
        }
    }
}

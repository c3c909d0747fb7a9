internal import Base

/// What an evaluator remembers of expressions on dictionaries.
struct LiftCache: Sendable {
    /// An expression on one dictionary.
    ///
    /// The entry keeps the dictionary, so that no other can take
    /// its place in memory.
    private struct Key: Hashable {
        let expression: Expression
        let dictionary: UInt
    }

    private struct Entry {
        let dictionary: StringTable
        var state: State
    }

    private enum State {
        /// Evaluated on so many rows so far, for the dictionary is larger.
        case waiting(rowCount: Int)
        case table(LiftedTable)
        /// An entry of the dictionary makes it fail, so it is evaluated on rows.
        case failed
    }

    /// Tables beyond this are forgotten, all at once.
    static let bytesMax = 64 << 20

    private var entries: [Key: Entry] = [:]
    private var byteCount = 0
    /// Whether the batch at hand is a dictionary, whose codes are not to be lifted again.
    fileprivate var isLifting = false

    /// What to do about an expression.
    enum Decision {
        case use(LiftedTable)
        case lift
        case evaluateRows
    }

    /// Finds the table; else whether it is time to make one: when as many rows were evaluated
    /// one by one as the dictionary has entries, so that at most twice the least work is done.
    mutating func decide(
        _ expression: Expression, _ dictionary: StringTable, rowCount: Int
    ) -> Decision {
        let key = Key(expression: expression, dictionary: dictionary.identity)
        var waited = 0
        switch entries[key]?.state {
        case .table(let table): return .use(table)
        case .failed: return .evaluateRows
        case .waiting(let rowCount): waited = rowCount
        case nil: break
        }
        if waited + rowCount >= dictionary.count { return .lift }
        keep(key, dictionary, .waiting(rowCount: waited + rowCount), byteCount: 0)
        return .evaluateRows
    }

    /// Remembers the table of an expression, or that it has none.
    mutating func keep(
        _ expression: Expression, _ dictionary: StringTable, _ table: LiftedTable?
    ) {
        keep(
            Key(expression: expression, dictionary: dictionary.identity), dictionary,
            table.map { .table($0) } ?? .failed, byteCount: table?.byteCount ?? 0)
    }

    private mutating func keep(
        _ key: Key, _ dictionary: StringTable, _ state: State, byteCount: Int
    ) {
        let isNew = entries[key] == nil
        let added = byteCount + (isNew ? dictionary.byteCount + 256 : 0)
        if self.byteCount + added > Self.bytesMax {
            entries = [:]
            self.byteCount = 0
        }
        self.byteCount += added
        entries[key] = Entry(dictionary: dictionary, state: state)
    }
}

extension Evaluator {
    /// The table that an expression is mapped by, if it reads one column of codes only and the
    /// dictionary is worth it.
    mutating func lifted(_ expression: Expression, _ batch: Batch) -> LiftedTable? {
        // What a column is NULL for is seen on its codes as fast as in a table.
        if case .isNull(.column) = expression { return nil }
        guard !lifts.isLifting, let column = expression.onlyColumn,
            case .codes(_, let dictionary) = batch.columns[column].values
        else { return nil }
        switch lifts.decide(expression, dictionary, rowCount: batch.rowCount) {
        case .use(let table): return table
        case .evaluateRows: return nil
        case .lift:
            let table = lift(expression, column, batch)
            lifts.keep(expression, dictionary, table)
            return table
        }
    }

    /// Evaluates on the entries of the dictionary, as if each were a row, and on NULL; nil if an
    /// entry fails, which perhaps no row has.
    private mutating func lift(
        _ expression: Expression, _ column: Int, _ batch: Batch
    ) -> LiftedTable? {
        let source = batch.columns[column]
        guard case .codes(_, let dictionary) = source.values else { return nil }
        // The entries as rows, an empty one for NULL before them; their bytes are not copied.
        var offsets: [UInt32] = [0]
        offsets.reserveCapacity(dictionary.count + 2)
        offsets += dictionary.offsets
        var validity = Bitmap(repeating: true, count: dictionary.count + 1)
        validity[0] = false
        var columns = Array(
            repeating: Vector(type: .integer, values: .integers([])), count: column + 1)
        columns[column] = Vector(
            type: source.type,
            values: .strings(StringTable(offsets: offsets, bytes: dictionary.bytes)),
            validity: validity)
        lifts.isLifting = true
        defer { lifts.isLifting = false }
        let entries = Batch(columns: columns, rowCount: dictionary.count + 1)
        guard let vector = try? compute(expression, entries) else { return nil }
        return LiftedTable(column: column, vector)
    }
}

internal import Base
internal import Expressions
internal import Store

/// Rows that an operator keeps until it has seen all, with the vectors that it computed from them.
///
/// Batches are kept as they come, so that nothing is copied before the end, but for texts of large
/// dictionaries of which they have little. The memory is reserved of the query's budget.
struct HeldRows {
    /// How many rows the batches have that operators give.
    static let batchRows = 8_192

    private let control: QueryControl
    private(set) var batches: [Batch] = []
    private(set) var rowCount = 0
    /// What of the query's memory these rows take.
    private var reserved = 0
    /// By column the dictionary that was counted last.
    private var dictionaries: [StringTable?] = []

    init(_ control: QueryControl) { self.control = control }

    /// How many columns rows have; 0 as long as there are none.
    var columnCount: Int { batches.first?.columns.count ?? 0 }

    /// Keeps rows behind those before, all with the same columns.
    mutating func append(_ batch: Batch) throws(QueryError) {
        if batch.rowCount == 0 { return }
        invariant(batches.isEmpty || batch.columns.count == columnCount)
        let batch = Batch(columns: batch.columns.map(\.detached), rowCount: batch.rowCount)
        try reserve(byteCount(of: batch))
        batches.append(batch)
        rowCount += batch.rowCount
        guard rowCount < Int(UInt32.max) else {
            throw QueryError(
                status: 422, code: "query_limit",
                message: "the query would hold more than 4294967294 rows; ask for fewer")
        }
    }

    /// Takes more of the query's memory, which is given back with that of the rows.
    mutating func reserve(_ byteCount: Int) throws(QueryError) {
        reserved += byteCount
        try control.reserve(byteCount)
    }

    /// Forgets all rows.
    mutating func removeAll() {
        batches = []
        rowCount = 0
        dictionaries = []
        control.release(reserved)
        reserved = 0
    }

    /// The memory of a batch, dictionaries included that the batch before did not have.
    private mutating func byteCount(of batch: Batch) -> Int {
        if dictionaries.count < batch.columns.count {
            dictionaries = batch.columns.map { _ in nil }
        }
        var sum = 0
        for (index, column) in batch.columns.enumerated() {
            sum += column.rowBytes
            guard case .codes(_, let dictionary) = column.values else { continue }
            if let before = dictionaries[index], before.sharesMemory(with: dictionary) { continue }
            sum += dictionary.byteCount
            dictionaries[index] = dictionary
        }
        return sum
    }

    /// All values of a column; there must be rows.
    func column(_ index: Int) throws(QueryError) -> Vector {
        try Vector.joined(batches.map { $0.columns[index] })
    }

    /// The first columns of these rows, given by their numbers, in batches of a limited size.
    mutating func batches(
        of rows: ArraySlice<UInt32>, columnCount: Int
    ) throws(QueryError) -> [Batch] {
        var made: [Batch] = []
        for start in stride(from: rows.startIndex, to: rows.endIndex, by: Self.batchRows) {
            let count = min(Self.batchRows, rows.endIndex - start)
            made.append(Batch(columns: [], rowCount: count))
        }
        for index in 0..<columnCount {
            try control.check()
            let whole = try column(index)
            try reserve(whole.rowBytes)
            var start = rows.startIndex
            for number in made.indices {
                let end = start + made[number].rowCount
                made[number].columns.append(whole.gathered(rows[start..<end]))
                start = end
            }
        }
        return made
    }
}

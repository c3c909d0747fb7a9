internal import Base
package import Expressions

/// Each row once, where it comes first.
///
/// NULL equals NULL, NaN equals NaN, and -0.0 equals 0.0; floats that are equal come out as one
/// (0.0, and one NaN), whichever came first.
package struct DistinctOperator: BatchOperator {
    private let control: QueryControl
    /// For each column, the numbers of its values.
    private var coders: [KeyCoder]?
    private var numbers = GroupNumbers(keyCount: 0, directCells: 0)
    /// By number of a combination of values, whether a row has it.
    private var isMet: [Bool] = []
    /// The combinations in the order in which rows had them first.
    private var met: [UInt32] = []
    private var reserved = 0

    // Reused for every batch.
    private var codes: [[UInt32]] = []
    private var groups: [UInt32] = []

    /// Combinations of two columns' values that are looked up without a hash.
    private static let directCells = 1 << 20

    /// The distinct rows.
    package init(control: QueryControl) { self.control = control }

    /// Takes some rows.
    package mutating func take(_ batch: Batch) throws(QueryError) {
        try control.check()
        if batch.rowCount == 0 { return }
        var coders = self.coders ?? start(batch)
        // Local, so that they are changed in place.
        self.coders = nil
        for (index, column) in batch.columns.enumerated() {
            coders[index].codes(of: column, isOfPart: false, into: &codes[index])
        }
        let codeCounts = coders.map(\.codeCount)
        self.coders = coders
        if batch.columns.isEmpty {
            groups = [0]
        } else {
            numbers.number(codes, codeCounts: codeCounts, into: &groups)
        }
        isMet.grow(to: numbers.count(codeCounts), with: false)
        Self.find(groups, &isMet, &met)
        try reserve()
    }

    /// The coders for the columns of the first batch.
    private mutating func start(_ batch: Batch) -> [KeyCoder] {
        numbers = GroupNumbers(keyCount: batch.columns.count, directCells: Self.directCells)
        codes = batch.columns.map { _ in [] }
        return batch.columns.map { KeyCoder(DataType(held: $0.type)) }
    }

    private static func find(
        _ groups: [UInt32], _ isMet: inout [Bool], _ met: inout [UInt32]
    ) {
        let groups = groups.span
        var marks = isMet.mutableSpan
        for row in groups.indices where !marks[Int(groups[row])] {
            marks[Int(groups[row])] = true
            met.append(groups[row])
        }
    }

    private mutating func reserve() throws(QueryError) {
        let coderBytes = coders?.reduce(0) { $0 + $1.byteCount } ?? 0
        let byteCount = coderBytes + numbers.byteCount + isMet.count + met.count * 4
        if byteCount > reserved {
            try control.reserve(byteCount - reserved)
        } else {
            control.release(reserved - byteCount)
        }
        reserved = byteCount
    }

    /// The rows, once all were taken.
    package mutating func finish() throws(QueryError) -> [Batch] {
        defer {
            control.release(reserved)
            reserved = 0
        }
        guard let coders else { return [] }
        var batches: [Batch] = []
        for start in stride(from: 0, to: met.count, by: HeldRows.batchRows) {
            try control.check()
            let groups = Array(met[start..<min(met.count, start + HeldRows.batchRows)])
            let codes = numbers.codes(of: groups)
            batches.append(
                Batch(
                    columns: coders.indices.map { coders[$0].vector(codes[$0]) },
                    rowCount: groups.count))
        }
        return batches
    }
}

extension DataType {
    /// A type that vectors of a type hold.
    init(held type: ValueType) {
        switch type {
        case .string: self = .string
        case .integer: self = .integer
        case .float: self = .float
        case .boolean: self = .boolean
        case .json: self = .json
        case .timestamp: self = .timestamp
        case .state: self = .state
        }
    }
}

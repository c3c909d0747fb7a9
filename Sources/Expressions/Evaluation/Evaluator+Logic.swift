internal import Base

/// AND, OR and CASE: what comes later is computed only for the rows that need it.
extension Evaluator {
    /// AND or OR in three values: an operand that is false (true) decides a row; a row that none
    /// decides is NULL if one operand is.
    mutating func decide(
        _ operands: [Expression], byFalse: Bool, _ batch: Batch
    ) throws(EvaluationError) -> Vector {
        var open = Bitmap(repeating: true, count: batch.rowCount)
        var nulls = Bitmap(count: batch.rowCount)
        for operand in operands {
            let openCount = open.population
            if openCount == 0 { break }
            let vector = try evaluate(operand, batch, open, openCount)
            guard case .booleans(let bits) = vector.values else {
                // The literal NULL.
                nulls.formUnion(open)
                continue
            }
            var deciding = byFalse ? bits.complemented : bits
            if let validity = vector.validity {
                deciding.formIntersection(validity)
                nulls.formUnion(validity.complemented)
            }
            open = open.subtracting(deciding)
        }
        nulls.formIntersection(open)
        var bits = byFalse ? open : open.complemented
        if nulls.population == 0 { return Vector(type: .boolean, values: .booleans(bits)) }
        bits = bits.subtracting(nulls)
        return Vector(type: .boolean, values: .booleans(bits), validity: nulls.complemented)
    }

    /// The rows for which all operands are true.
    mutating func selectAll(
        _ operands: [Expression], _ batch: Batch
    ) throws(EvaluationError) -> Bitmap {
        var rows = Bitmap(repeating: true, count: batch.rowCount)
        for operand in operands {
            let count = rows.population
            if count == 0 { break }
            rows.formIntersection(try select(operand, batch, rows, count))
        }
        return rows
    }

    /// The rows for which one operand is true.
    mutating func selectAny(
        _ operands: [Expression], _ batch: Batch
    ) throws(EvaluationError) -> Bitmap {
        var open = Bitmap(repeating: true, count: batch.rowCount)
        for operand in operands {
            let count = open.population
            if count == 0 { break }
            open = open.subtracting(try select(operand, batch, open, count))
        }
        return open.complemented
    }

    /// The values of the first branch whose condition is true.
    mutating func choose(
        _ branches: [Expression.Branch], _ otherwise: Expression, _ type: DataType, _ batch: Batch
    ) throws(EvaluationError) -> Vector {
        var open = Bitmap(repeating: true, count: batch.rowCount)
        var openCount = batch.rowCount
        var pieces: [VectorMerge.Piece] = []
        for branch in branches {
            if openCount == 0 { break }
            var chosen = try select(branch.condition, batch, open, openCount)
            chosen.formIntersection(open)
            if chosen.population == 0 { continue }
            pieces.append(try piece(branch.value, batch, chosen))
            open = open.subtracting(chosen)
            openCount = open.population
        }
        if openCount > 0 || pieces.isEmpty { pieces.append(try piece(otherwise, batch, open)) }
        return VectorMerge.merge(pieces, valueType: type.valueType, count: batch.rowCount)
    }

    private mutating func piece(
        _ expression: Expression, _ batch: Batch, _ rows: Bitmap
    ) throws(EvaluationError) -> VectorMerge.Piece {
        let numbers = rows.rows
        if case .constant(let value, let type) = expression {
            return VectorMerge.Piece(
                rows: numbers, vector: Vector(repeating: value, type: type, count: numbers.count))
        }
        let part = numbers.count == batch.rowCount ? batch : batch.taking(numbers, for: expression)
        return VectorMerge.Piece(rows: numbers, vector: try evaluate(expression, part))
    }

    /// The values of an expression in the open rows; in others anything.
    private mutating func evaluate(
        _ expression: Expression, _ batch: Batch, _ open: Bitmap, _ openCount: Int
    ) throws(EvaluationError) -> Vector {
        if isWholeBetter(expression, batch, openCount) { return try evaluate(expression, batch) }
        let rows = open.rows
        return try evaluate(expression, batch.taking(rows, for: expression))
            .scattered(to: rows, count: batch.rowCount)
    }

    /// The open rows for which a condition is true, and perhaps others.
    private mutating func select(
        _ condition: Expression, _ batch: Batch, _ open: Bitmap, _ openCount: Int
    ) throws(EvaluationError) -> Bitmap {
        if isWholeBetter(condition, batch, openCount) { return try selection(condition, batch) }
        let rows = open.rows
        let part = try selection(condition, batch.taking(rows, for: condition))
        var result = Bitmap(count: batch.rowCount)
        for index in rows.indices where part[index] { result[Int(rows[index])] = true }
        return result
    }

    /// Whether to evaluate on all rows rather than on those that are still open.
    ///
    /// Never where that could fail for a row that is decided. Taking rows out costs more than the
    /// simplest expressions do.
    private func isWholeBetter(
        _ expression: Expression, _ batch: Batch, _ openCount: Int
    ) -> Bool {
        if openCount == batch.rowCount { return true }
        if expression.canFail { return false }
        return openCount * 4 > batch.rowCount || expression.isSimple(batch)
    }
}

extension Expression {
    /// Whether it costs about a nanosecond a row or less.
    fileprivate func isSimple(_ batch: Batch) -> Bool {
        switch self {
        case .constant, .column: return true
        case .not(let operand), .isNull(let operand): return operand.isSimple(batch)
        case .and(let operands), .or(let operands):
            return operands.count < 8 && operands.allSatisfy { $0.isSimple(batch) }
        case .call(let call):
            if onlyColumn.map({ batch.columns[$0].isCodes }) ?? false { return true }
            return call.arguments.allSatisfy { argument in
                argument.isLeaf && argument.type.valueType != .string
            }
        case .oneOf: return onlyColumn.map { batch.columns[$0].isCodes } ?? false
        case .conditional: return false
        }
    }
}

extension Vector {
    /// Whether rows are codes of a dictionary.
    fileprivate var isCodes: Bool {
        if case .codes = values { return true }
        return false
    }
}

extension Batch {
    /// The rows of these numbers, of the columns that an expression reads; others are left empty.
    func taking(_ rows: [UInt32], for expression: Expression) -> Batch {
        let wanted = expression.columns
        var taken: [Vector] = []
        taken.reserveCapacity(columns.count)
        for (index, column) in columns.enumerated() {
            taken.append(
                wanted.contains(index)
                    ? column.taking(rows) : Vector(type: .integer, values: .integers([])))
        }
        return Batch(columns: taken, rowCount: rows.count)
    }
}

package import Base

/// Computes expressions on batches; each worker has its own, for it remembers what it computed.
///
/// The plan of a batch, from the root of the expression down:
/// 1. A subtree that reads one column only, and that column is codes of a dictionary: computed once
///    for each entry of the dictionary, then mapped by code (`Evaluator+Lifting`).
/// 2. AND, OR and CASE: later operands only for the rows that still need them
///    (`Evaluator+Logic`).
/// 3. A call: its operands, then its kernel over all rows. NULLs are added here, centrally.
package struct Evaluator: Sendable {
    var lifts = LiftCache()
    /// Lists of constants, made ready for looking up.
    private var lists: [Expression: ConstantList] = [:]

    /// An evaluator that remembers nothing yet.
    package init() {}

    /// The values of an expression, one for each row.
    ///
    /// An error is of a row of the batch that is needed, not of an entry of a dictionary that no
    /// row has, nor of a row that AND, OR or CASE pass over.
    package mutating func evaluate(
        _ expression: Expression, _ batch: Batch
    ) throws(EvaluationError) -> Vector {
        switch expression {
        case .constant(let value, let type):
            return Vector(repeating: value, type: type, count: batch.rowCount)
        case .column(let index, _):
            return batch.columns[index]
        default:
            if let table = lifted(expression, batch) {
                return table.map(batch.codes(of: table.column))
            }
            return try compute(expression, batch)
        }
    }

    /// The rows for which a condition is true; NULL is not, so operands of AND behind one that is
    /// NULL are passed over too.
    package mutating func selection(
        _ condition: Expression, _ batch: Batch
    ) throws(EvaluationError) -> Bitmap {
        switch condition {
        case .constant(let value, _):
            return Bitmap(repeating: value == .boolean(true), count: batch.rowCount)
        case .column: break
        default:
            if let table = lifted(condition, batch) {
                return table.select(batch.codes(of: table.column))
            }
            switch condition {
            case .and(let operands): return try selectAll(operands, batch)
            case .or(let operands): return try selectAny(operands, batch)
            default: break
            }
        }
        return try evaluate(condition, batch).truth
    }

    /// The values of an expression that is no leaf, from those of its operands.
    mutating func compute(
        _ expression: Expression, _ batch: Batch
    ) throws(EvaluationError) -> Vector {
        switch expression {
        case .constant, .column: return try evaluate(expression, batch)
        case .call(let call): return try compute(call, batch)
        case .and(let operands): return try decide(operands, byFalse: true, batch)
        case .or(let operands): return try decide(operands, byFalse: false, batch)
        case .not(let operand):
            let vector = try evaluate(operand, batch)
            guard case .booleans(let bits) = vector.values else {
                return Vector(nulls: .boolean, count: batch.rowCount)
            }
            return Vector(
                type: .boolean, values: .booleans(bits.complemented), validity: vector.validity
            ).zeroed()
        case .isNull(let operand):
            let presence = try evaluate(operand, batch).presence
            let bits = presence?.complemented ?? Bitmap(count: batch.rowCount)
            return Vector(type: .boolean, values: .booleans(bits))
        case .oneOf(let operand, let values, let listHasNull):
            let vector = try evaluate(operand, batch)
            let list = lists[expression] ?? ConstantList(values, type: operand.type)
            lists[expression] = list
            return list.contains(vector, listHasNull: listHasNull)
        case .conditional(let branches, let otherwise, let type):
            return try choose(branches, otherwise, type, batch)
        }
    }

    private mutating func compute(
        _ call: FunctionCall, _ batch: Batch
    ) throws(EvaluationError) -> Vector {
        let kernel = call.kernel
        let type = call.type.valueType
        var operands: [Operand] = []
        operands.reserveCapacity(call.arguments.count)
        var presence: Bitmap?
        for argument in call.arguments {
            if case .constant(let value, _) = argument {
                if kernel.propagatesNull, value == .null {
                    return Vector(nulls: type, count: batch.rowCount)
                }
                operands.append(.constant(value))
                continue
            }
            let vector = try evaluate(argument, batch)
            operands.append(.vector(vector))
            if kernel.propagatesNull { presence = intersection(presence, vector.presence) }
        }
        do {
            var result = try kernel.body(operands, batch.rowCount)
            result.type = type
            return result.masked(presence)
        } catch {
            // It may be that only rows without a value fail, which hold zeros.
            guard let presence else { throw error }
            return try computePresent(kernel, type, operands, presence)
        }
    }

    /// The result of a kernel that sees only the rows in which all operands have a value.
    private func computePresent(
        _ kernel: FunctionKernel, _ type: ValueType, _ operands: [Operand], _ presence: Bitmap
    ) throws(EvaluationError) -> Vector {
        let rows = presence.rows
        var taken: [Operand] = []
        for operand in operands {
            switch operand {
            case .constant: taken.append(operand)
            case .vector(let vector): taken.append(.vector(vector.taking(rows)))
            }
        }
        var result = try kernel.body(taken, rows.count)
        result.type = type
        return result.scattered(to: rows, count: presence.count)
    }
}

/// The rows that are in both sets; nil is the set of all.
func intersection(_ left: Bitmap?, _ right: Bitmap?) -> Bitmap? {
    guard var result = left else { return right }
    guard let right else { return left }
    result.formIntersection(right)
    return result
}

extension Batch {
    /// The codes of a column that holds codes.
    func codes(of column: Int) -> [UInt32] {
        guard case .codes(let codes, _) = columns[column].values else {
            fatalError("a column that holds no codes was lifted")
        }
        return codes
    }
}

extension Vector {
    /// The rows that are true.
    var truth: Bitmap {
        guard case .booleans(var bits) = values else { return Bitmap(count: count) }
        if let validity { bits.formIntersection(validity) }
        return bits
    }

    /// The same with no value in the rows outside of `presence`.
    func masked(_ presence: Bitmap?) -> Vector {
        guard let presence else { return self }
        var result = self
        if case .codes(var codes, let dictionary) = values {
            presence.forEachAbsent { codes[$0] = 0 }
            result.values = .codes(codes, dictionary: dictionary)
            return result
        }
        result.validity = intersection(validity, presence)
        return result.zeroed()
    }

    /// The same with 0, false or the empty text in the rows that have no value, as vectors must.
    func zeroed() -> Vector {
        guard let validity else { return self }
        var result = self
        switch values {
        case .codes: break
        case .booleans(var bits):
            bits.formIntersection(validity)
            result.values = .booleans(bits)
        case .integers(var numbers):
            result.values = .integers([])
            validity.forEachAbsent { numbers[$0] = 0 }
            result.values = .integers(numbers)
        case .floats(var numbers):
            result.values = .floats([])
            validity.forEachAbsent { numbers[$0] = 0 }
            result.values = .floats(numbers)
        case .strings(let table):
            var cleared = StringTable()
            for row in 0..<table.count {
                cleared.append(validity[row] ? table.bytes(at: row) : [])
            }
            result.values = .strings(cleared)
        }
        return result
    }

    /// A vector of `count` rows in which these rows have the values of this one, the rest none.
    func scattered(to rows: [UInt32], count: Int) -> Vector {
        if rows.count == count { return self }
        var present = Bitmap(count: count)
        for row in rows { present[Int(row)] = true }
        let rest = present.complemented.rows
        return VectorMerge.merge(
            [
                VectorMerge.Piece(rows: rows, vector: self),
                VectorMerge.Piece(rows: rest, vector: Vector(nulls: type, count: rest.count)),
            ],
            valueType: type, count: count)
    }
}

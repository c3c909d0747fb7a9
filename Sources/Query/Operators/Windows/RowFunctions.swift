internal import Base
internal import Expressions
internal import Store

/// The functions whose value is that of another row: `lag`, `lead`, `first_value`, `last_value`.
enum RowFunctions {
    /// The value for each row.
    static func values(
        _ call: WindowCall, _ arguments: [Vector], _ rows: WindowRows
    ) throws(QueryError) -> Vector {
        var sources = [UInt32](repeating: .max, count: rows.count)
        let hasDefault = arguments.count > 1
        for partition in rows.partitions {
            for position in partition {
                let row = Int(rows.rows[position])
                if let other = source(call, position, partition, rows) {
                    sources[row] = rows.rows[other]
                } else if hasDefault {
                    sources[row] = UInt32(rows.count + row)
                }
            }
        }
        return try Vector.picked(sources, of: arguments)
    }

    /// The position whose value is taken; nil where there is none.
    private static func source(
        _ call: WindowCall, _ position: Int, _ partition: Range<Int>, _ rows: WindowRows
    ) -> Int? {
        switch call.function {
        case .lag(let offset):
            let (other, overflow) = position.subtractingReportingOverflow(offset)
            return !overflow && partition.contains(other) ? other : nil
        case .firstValue: return rows.frame(call.frame, at: position, of: partition).first
        case .lastValue: return rows.frame(call.frame, at: position, of: partition).last
        default: return nil
        }
    }
}

extension Vector {
    /// The rows of these numbers of vectors that stand one behind the other; `UInt32.max` is NULL.
    static func picked(_ rows: [UInt32], of vectors: [Vector]) throws(QueryError) -> Vector {
        guard rows.contains(.max) else { return try joined(vectors).gathered(rows[...]) }
        let nothing = nulls(type: vectors[0].type, count: 1)
        let all = try joined(vectors + [nothing])
        let last = UInt32(all.count - 1)
        return all.gathered(rows.map { $0 == .max ? last : $0 }[...])
    }

    /// Floats, or NULL.
    init(optionals numbers: [Double?]) {
        var validity: Bitmap?
        if numbers.contains(nil) {
            var present = Bitmap(count: numbers.count)
            for (row, number) in numbers.enumerated() where number != nil { present[row] = true }
            validity = present
        }
        self.init(type: .float, values: .floats(numbers.map { $0 ?? 0 }), validity: validity)
    }
}

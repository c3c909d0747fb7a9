internal import Base
internal import CKernels

/// The loops of comparisons, for each way that values are held.
enum ComparisonKernels {
    /// The rows for which a comparison holds; both operands are of one type.
    static func compare(
        _ comparison: Comparison, _ left: Operand, _ right: Operand, _ count: Int
    ) -> Vector {
        Vector(values: .booleans(rows(comparison, left, right, count)))
    }

    /// The rows in which the operands differ, NULL being a value.
    static func distinct(_ left: Operand, _ right: Operand, _ count: Int) -> Bitmap {
        let leftNulls = nulls(left, count)
        let rightNulls = nulls(right, count)
        if case .constant(.null) = left { return rightNulls.complemented }
        if case .constant(.null) = right { return leftNulls.complemented }
        var bits = rows(.notEquals, left, right, count)
        bits = bits.subtracting(leftNulls).subtracting(rightNulls)
        bits.formUnion(leftNulls.subtracting(rightNulls))
        bits.formUnion(rightNulls.subtracting(leftNulls))
        return bits
    }

    private static func nulls(_ operand: Operand, _ count: Int) -> Bitmap {
        switch operand {
        case .constant(let value): Bitmap(repeating: value == .null, count: count)
        case .vector(let vector): vector.presence?.complemented ?? Bitmap(count: count)
        }
    }

    private static func rows(
        _ comparison: Comparison, _ left: Operand, _ right: Operand, _ count: Int
    ) -> Bitmap {
        switch (left, right) {
        case (.constant(let value), .vector(let vector)):
            return rows(comparison.flipped, vector, value)
        case (.vector(let vector), .constant(let value)):
            return rows(comparison, vector, value)
        case (.vector(let first), .vector(let second)):
            return rows(comparison, first, second)
        case (.constant(let value), .constant(let other)):
            let vector = Vector(repeating: value, type: value.type, count: count)
            return rows(comparison, vector, other)
        }
    }

    private static func rows(
        _ comparison: Comparison, _ vector: Vector, _ value: Value
    ) -> Bitmap {
        switch vector.values {
        case .integers(let numbers):
            return integers(comparison, numbers, value.number ?? 0)
        case .floats(let numbers):
            guard case .float(let number) = value else { return Bitmap(count: numbers.count) }
            return floats(comparison, numbers, number)
        case .booleans(let bits):
            let other = Bitmap(repeating: value == .boolean(true), count: bits.count)
            return booleans(comparison, bits, other)
        case .codes, .strings:
            return texts(comparison, TextReader(vector), TextReader(.constant(value)), vector.count)
        }
    }

    private static func rows(
        _ comparison: Comparison, _ left: Vector, _ right: Vector
    ) -> Bitmap {
        switch (left.values, right.values) {
        case (.integers(let first), .integers(let second)):
            return integers(comparison, first, second)
        case (.floats(let first), .floats(let second)):
            return floats(comparison, first, second)
        case (.booleans(let first), .booleans(let second)):
            return booleans(comparison, first, second)
        default:
            return texts(comparison, TextReader(left), TextReader(right), left.count)
        }
    }

    /// With a constant, each comparison is that of a range.
    private static func integers(
        _ comparison: Comparison, _ numbers: [Int64], _ constant: Int64
    ) -> Bitmap {
        switch comparison {
        case .equals: return NumberKernels.select(numbers, lower: constant, upper: constant)
        case .notEquals:
            return NumberKernels.select(numbers, lower: constant, upper: constant).complemented
        case .lessOrEquals: return NumberKernels.select(numbers, lower: .min, upper: constant)
        case .greater:
            return NumberKernels.select(numbers, lower: .min, upper: constant).complemented
        case .greaterOrEquals: return NumberKernels.select(numbers, lower: constant, upper: .max)
        case .less:
            return NumberKernels.select(numbers, lower: constant, upper: .max).complemented
        }
    }

    private static func integers(
        _ comparison: Comparison, _ left: [Int64], _ right: [Int64]
    ) -> Bitmap {
        switch comparison {
        case .equals: NumberKernels.equal(left, right)
        case .notEquals: NumberKernels.equal(left, right).complemented
        case .less: NumberKernels.less(left, right)
        case .lessOrEquals: NumberKernels.less(right, left).complemented
        case .greater: NumberKernels.less(right, left)
        case .greaterOrEquals: NumberKernels.less(left, right).complemented
        }
    }

    private static func floats(
        _ comparison: Comparison, _ numbers: [Double], _ constant: Double
    ) -> Bitmap {
        if constant.isNaN {
            let nans = Bitmap.where(numbers) { $0.isNaN }
            switch comparison {
            case .equals, .greaterOrEquals: return nans
            case .notEquals, .less: return nans.complemented
            case .greater: return Bitmap(count: numbers.count)
            case .lessOrEquals: return Bitmap(repeating: true, count: numbers.count)
            }
        }
        // NaN is not less than a number, nor equal to it, so it is greater, as it should be.
        switch comparison {
        case .equals: return NumberKernels.select(numbers, WEIR_FLOAT_EQUAL, constant)
        case .notEquals:
            return NumberKernels.select(numbers, WEIR_FLOAT_EQUAL, constant).complemented
        case .less: return NumberKernels.select(numbers, WEIR_FLOAT_LESS, constant)
        case .greaterOrEquals:
            return NumberKernels.select(numbers, WEIR_FLOAT_LESS, constant).complemented
        case .lessOrEquals:
            return NumberKernels.select(numbers, WEIR_FLOAT_LESS_OR_EQUAL, constant)
        case .greater:
            return NumberKernels.select(numbers, WEIR_FLOAT_LESS_OR_EQUAL, constant).complemented
        }
    }

    private static func floats(
        _ comparison: Comparison, _ left: [Double], _ right: [Double]
    ) -> Bitmap {
        invariant(left.count == right.count)
        return switch comparison {
        case .equals: Bitmap.make(left.count) { FloatOrder.isEqual(left[$0], right[$0]) }
        case .notEquals: Bitmap.make(left.count) { !FloatOrder.isEqual(left[$0], right[$0]) }
        case .less: Bitmap.make(left.count) { FloatOrder.isLess(left[$0], right[$0]) }
        case .greaterOrEquals: Bitmap.make(left.count) { !FloatOrder.isLess(left[$0], right[$0]) }
        case .greater: Bitmap.make(left.count) { FloatOrder.isLess(right[$0], left[$0]) }
        case .lessOrEquals: Bitmap.make(left.count) { !FloatOrder.isLess(right[$0], left[$0]) }
        }
    }

    private static func booleans(
        _ comparison: Comparison, _ left: Bitmap, _ right: Bitmap
    ) -> Bitmap {
        let less = right.subtracting(left)
        let greater = left.subtracting(right)
        switch comparison {
        case .less: return less
        case .greater: return greater
        case .lessOrEquals: return greater.complemented
        case .greaterOrEquals: return less.complemented
        case .equals, .notEquals:
            var different = less
            different.formUnion(greater)
            return comparison == .equals ? different.complemented : different
        }
    }

    private static func texts(
        _ comparison: Comparison, _ left: TextReader, _ right: TextReader, _ count: Int
    ) -> Bitmap {
        let leftBytes = left.bytes.span
        let rightBytes = right.bytes.span
        switch comparison {
        case .equals, .notEquals:
            let equal = Bitmap.make(count) { row in
                isEqual(leftBytes, left.range(row), rightBytes, right.range(row))
            }
            return comparison == .equals ? equal : equal.complemented
        case .less, .lessOrEquals, .greater, .greaterOrEquals:
            return Bitmap.make(count) { row in
                let order = order(leftBytes, left.range(row), rightBytes, right.range(row))
                return comparison.holds(isLess: order < 0, isEqual: order == 0)
            }
        }
    }

    /// From behind, for values of one dimension often begin alike.
    @inline(__always)
    private static func isEqual(
        _ left: Span<UInt8>, _ leftRange: Range<Int>, _ right: Span<UInt8>,
        _ rightRange: Range<Int>
    ) -> Bool {
        let count = leftRange.count
        if count != rightRange.count { return false }
        var index = count &- 1
        while index >= 0,
            left[leftRange.lowerBound &+ index] == right[rightRange.lowerBound &+ index]
        { index &-= 1 }
        return index < 0
    }

    /// Below zero if the left is less by bytes, zero if they are equal.
    @inline(__always)
    private static func order(
        _ left: Span<UInt8>, _ leftRange: Range<Int>, _ right: Span<UInt8>,
        _ rightRange: Range<Int>
    ) -> Int {
        let count = min(leftRange.count, rightRange.count)
        for index in 0..<count {
            let first = left[leftRange.lowerBound &+ index]
            let second = right[rightRange.lowerBound &+ index]
            if first != second { return first < second ? -1 : 1 }
        }
        return leftRange.count &- rightRange.count
    }
}

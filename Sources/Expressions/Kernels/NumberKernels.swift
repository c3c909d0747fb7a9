internal import Base
internal import CKernels

/// The order of floats in SQL: NaN equals itself and is greater than all others; -0 equals 0.
enum FloatOrder {
    /// Equal for equal floats.
    @inline(__always)
    static func key(_ number: Double) -> UInt64 {
        if number.isNaN { return Double.nan.bitPattern }
        return number == 0 ? 0 : number.bitPattern
    }

    @inline(__always)
    static func isLess(_ left: Double, _ right: Double) -> Bool {
        left < right || (right.isNaN && !left.isNaN)
    }

    @inline(__always)
    static func isEqual(_ left: Double, _ right: Double) -> Bool {
        left == right || (left.isNaN && right.isNaN)
    }
}

/// Sets of rows by their numbers or codes.
///
/// The loops are C, for Swift does not vectorise what makes bits; here they are made safe.
enum NumberKernels {
    /// The rows whose number lies in the range; it may be empty (upper below lower).
    static func select(_ numbers: [Int64], lower: Int64, upper: Int64) -> Bitmap {
        var words = [UInt64](repeating: 0, count: (numbers.count + 63) / 64)
        unsafe weir_select64(numbers, numbers.count, lower, upper, &words)
        return Bitmap(words: words, count: numbers.count)
    }

    static func select(_ numbers: [Int64], in range: ClosedRange<Int64>) -> Bitmap {
        select(numbers, lower: range.lowerBound, upper: range.upperBound)
    }

    /// The rows in which the left number is less.
    static func less(_ left: [Int64], _ right: [Int64]) -> Bitmap {
        invariant(left.count == right.count)
        var words = [UInt64](repeating: 0, count: (left.count + 63) / 64)
        unsafe weir_less64(left, right, left.count, &words)
        return Bitmap(words: words, count: left.count)
    }

    /// The rows in which both numbers are equal.
    static func equal(_ left: [Int64], _ right: [Int64]) -> Bitmap {
        invariant(left.count == right.count)
        var words = [UInt64](repeating: 0, count: (left.count + 63) / 64)
        unsafe weir_equal64(left, right, left.count, &words)
        return Bitmap(words: words, count: left.count)
    }

    /// The rows whose number has that order to the constant; never for NaN.
    static func select(
        _ numbers: [Double], _ order: weir_float_order, _ constant: Double
    ) -> Bitmap {
        var words = [UInt64](repeating: 0, count: (numbers.count + 63) / 64)
        unsafe weir_select_floats(numbers, numbers.count, order, constant, &words)
        return Bitmap(words: words, count: numbers.count)
    }
}

/// Sets of rows by their codes.
enum CodeKernels {
    /// The rows whose code lies in the range.
    static func select(_ codes: [UInt32], in range: Range<UInt32>) -> Bitmap {
        if range.isEmpty { return Bitmap(count: codes.count) }
        var words = [UInt64](repeating: 0, count: (codes.count + 63) / 64)
        unsafe weir_select32(
            codes, codes.count, range.lowerBound, range.upperBound - 1, &words)
        return Bitmap(words: words, count: codes.count)
    }

    /// The rows whose code is marked with 1; others are marked with 0.
    static func select(_ codes: [UInt32], _ marks: [UInt8]) -> Bitmap {
        invariant(!marks.isEmpty)
        var words = [UInt64](repeating: 0, count: (codes.count + 63) / 64)
        unsafe weir_select_marked(codes, codes.count, marks, marks.count, &words)
        return Bitmap(words: words, count: codes.count)
    }
}

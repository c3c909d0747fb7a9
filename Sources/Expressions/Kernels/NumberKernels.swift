internal import Base

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

/// Loops over numbers that make sets of rows.
enum NumberKernels {
    /// The rows whose number lies in the range; it may be empty (upper below lower).
    static func select(_ numbers: [Int64], lower: Int64, upper: Int64) -> Bitmap {
        if lower > upper { return Bitmap(count: numbers.count) }
        let width = UInt64(bitPattern: upper &- lower)
        return Bitmap.where(numbers) { UInt64(bitPattern: $0 &- lower) <= width }
    }

    static func select(_ numbers: [Int64], in range: ClosedRange<Int64>) -> Bitmap {
        select(numbers, lower: range.lowerBound, upper: range.upperBound)
    }
}

/// Loops over codes that make sets of rows.
enum CodeKernels {
    /// The rows whose code lies in the range.
    static func select(_ codes: [UInt32], in range: Range<UInt32>) -> Bitmap {
        if range.isEmpty { return Bitmap(count: codes.count) }
        let lower = range.lowerBound
        let width = range.upperBound &- lower
        return Bitmap.where(codes) { $0 &- lower < width }
    }

    /// The rows whose code is marked with 1.
    static func select(_ codes: [UInt32], _ matches: [UInt8]) -> Bitmap {
        Bitmap.where(codes) { matches[Int($0)] != 0 }
    }
}

/// Bounds of a column's values within a granule.
package struct Zone: Sendable, Equatable {
    /// What the values of a zone lie between.
    package enum Bounds: Sendable, Equatable {
        /// Every row is null.
        case empty
        /// Of `integer` and `timestamp`.
        case integers(ClosedRange<Int64>)
        /// Of `float`; only if no value is NaN.
        case floats(ClosedRange<Double>)
        /// Of `string` and `json`, by bytes.
        case strings(least: [UInt8], greatest: [UInt8])
        /// The values are of a type without bounds, or the bounds are not known.
        case unknown
    }

    /// The bounds of the rows that have a value.
    package var bounds: Bounds
    /// How many rows have none.
    package var nullCount: Int

    /// Makes a zone of what is known.
    package init(bounds: Bounds, nullCount: Int) {
        self.bounds = bounds
        self.nullCount = nullCount
    }
}

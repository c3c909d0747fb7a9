package import Base

/// The answer to a metrics query: rows as columns, in order, and what is to be known about them.
package struct MetricsAnswer: Sendable {
    /// What an answer says about itself.
    package struct Meta: Sendable {
        /// The table that was read, without its corrections.
        package var table: String
        /// What was asked for, on whole minutes.
        package var range: Range<Milliseconds>
        /// From when on rows are kept, if that is after the start that was asked for.
        package var since: Milliseconds?
        /// How many rows were looked at, corrections included.
        package var rowsScanned: Int
        /// How long the query ran, without the writing of the answer.
        package var elapsedNanoseconds: UInt64
        /// Nil as long as nothing was ever counted.
        package var watermark: Milliseconds?
        /// How many late events are among those that match range and filters.
        package var corrections: Int64
        /// Whether rows that belong here could not be read.
        package var isPartial: Bool
        /// How many rows of the tables are known to be lacking, at most; 0 where nothing is.
        package var rowsLost: Int
        /// The standard error of values that are estimates; nil where all are exact.
        package var relativeError: Double?
        /// Whether rows were cut off at the limit.
        package var isTruncated: Bool
        /// Whether events were read one by one, as no rollup has the dimensions.
        package var isRaw: Bool
        /// Which tables were considered and why one was chosen; nil where that was not asked for.
        package var explanation: MetricsExplanation?
    }

    /// The name of the metric.
    package var metric: String
    /// How wide the buckets are.
    package var granularity: Granularity
    /// Whose clocks the buckets follow; nil for UTC.
    package var zone: TimeZoneRules?
    /// How the answer is written.
    package var format: MetricsQuery.Format
    /// How many seconds the answer may be kept.
    package var maxAge: Int
    /// What the rows are grouped by beside time.
    package var dimensions: [String]
    /// By row.
    package var buckets: [Milliseconds]
    /// By dimension, then row: 0 is null, `k` is entry `k - 1` of the dimension's dictionary.
    package var codes: [[UInt32]]
    /// The texts that codes stand for, by dimension.
    package var dictionaries: [StringTable]
    /// By row.
    package var values: [UInt64]
    /// What the answer says about itself.
    package var meta: Meta

    /// An instant as the answer writes it: with `Z` in UTC, else with the offset in force.
    package func text(of instant: Milliseconds) -> String {
        guard let zone else { return CivilTime(instant).text }
        return CivilTime.text(instant, offset: zone.offset(at: instant))
    }

    /// The answer in the format asked for.
    package var body: [UInt8] {
        switch format {
        case .json: json()
        case .csv: csv()
        }
    }

    /// How many rows there are.
    package var rowCount: Int { values.count }

    /// The value of a dimension in a row; nil if it is null.
    package func text(dimension: Int, row: Int) -> String? {
        let code = codes[dimension][row]
        return code == 0 ? nil : dictionaries[dimension][Int(code) - 1]
    }
}

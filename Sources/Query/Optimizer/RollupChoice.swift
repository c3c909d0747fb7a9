/// Where an aggregate over the events is read from, and what else was considered.
package struct RollupChoice: Sendable {
    /// The table that answers the greatest part of the range; `events` where no rollup can.
    package var table: String
    /// Why no rollup can answer; nil where one does.
    package var obstacle: String?
    /// Which tables were considered, and what answers which stretch of time.
    package var explanation = MetricsExplanation()
}

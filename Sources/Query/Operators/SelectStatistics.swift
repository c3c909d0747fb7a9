/// What the operators of a query did, for `EXPLAIN ANALYZE` and the log of queries.
package struct SelectStatistics: Sendable {
    /// One operator of the plan.
    package struct Operator: Sendable {
        /// The node of the plan: `scan events`, `filter`, `aggregate`.
        package var name: String
        /// How deep it stands in the plan; the root is 0.
        package var depth: Int
        /// Rows that it was given.
        package var rowsIn = 0
        /// Rows that it gave.
        package var rowsOut = 0
        /// The time of all threads in it, without its inputs.
        package var nanoseconds: UInt64 = 0
        /// Of scans: what there was, and what of it was read.
        package var scan: Scan?
    }

    /// What a scan found and left out.
    package struct Scan: Sendable {
        /// Parts of the table.
        package var partsTotal = 0
        /// Parts of which something was read.
        package var partsRead = 0
        /// Granules of all parts.
        package var granulesTotal = 0
        /// Granules of which something was read.
        package var granulesRead = 0
        /// Bytes of the vectors that were decoded.
        package var bytesRead = 0
        /// Rows of damaged parts, which are missing.
        package var rowsLost = 0

        /// Nothing yet.
        package init() {}

        /// Adds what another worker did.
        package mutating func add(_ other: Scan) {
            partsTotal += other.partsTotal
            partsRead += other.partsRead
            granulesTotal += other.granulesTotal
            granulesRead += other.granulesRead
            bytesRead += other.bytesRead
            rowsLost += other.rowsLost
        }
    }

    /// In the order of the plan, the root first.
    package var operators: [Operator] = []
    /// Rows that the scans looked at.
    package var rowsScanned = 0
    /// Bytes of the vectors that the scans decoded.
    package var bytesRead = 0
    /// Whether rows that were lost to damage are missing.
    package var isPartial = false
    /// From the first step to the last row.
    package var nanoseconds: UInt64 = 0

    /// Nothing yet.
    package init() {}
}

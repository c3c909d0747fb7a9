/// Some rows on their way through a query: a vector for each column, all of the same length.
package struct Batch: Sendable {
    /// One for each column that expressions may read, by its number.
    package var columns: [Vector]
    /// How many rows there are, also where there are no columns.
    package var rowCount: Int

    /// Rows of these columns.
    package init(columns: [Vector], rowCount: Int) {
        self.columns = columns
        self.rowCount = rowCount
    }
}

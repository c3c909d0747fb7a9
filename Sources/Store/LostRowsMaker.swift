package import Base

/// Who knows how events become rows, and so can make lost ones again: the stream.
///
/// The store knows tables and files, not events; it says which rows it lacks and checks what it
/// gets.
package protocol LostRowsMaker: AnyObject, Sendable {
    /// Makes rows of a base rollup, or of its corrections, from raw rows; nil if the table is none.
    func rollup(of table: String) -> (any RollupMaker)?

    /// Reads raw rows from the log, as the stream made them of the blocks between the positions;
    /// `take` gets them in pieces that fit into memory, in any order.
    ///
    /// Fails with `.unprovable` where the log cannot give them exactly.
    func rawRows(
        from start: LogPosition, to end: LogPosition,
        take: (MemoryPart) throws(StoreError) -> Void
    ) throws(LostRowsError)
}

/// Makes rows of one rollup table, piece by piece.
package protocol RollupMaker: AnyObject {
    /// The memory of the rows so far, about.
    var byteCount: Int { get }

    /// Takes the rows of a granule of raw rows.
    func add(_ part: any TablePart, granule: Int) throws(StoreError)

    /// The rows so far, which are then forgotten; nil without rows.
    func take() -> MemoryPart?
}

/// Why lost rows could not be made again.
package enum LostRowsError: Error, Sendable, CustomStringConvertible {
    /// Nothing there is proves which rows they were; for good.
    case unprovable(String)
    /// It failed now and may succeed later.
    case failed(StoreError)

    package var description: String {
        switch self {
        case .unprovable(let reason): reason
        case .failed(let error): error.description
        }
    }
}

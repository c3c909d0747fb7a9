/// Stops the process when an invariant of the program does not hold.
///
/// For programmer errors only: what a client, a disk or an operator can cause is a typed error.
/// Unlike `precondition` it prints its message in optimised builds too.
@inlinable
package func invariant(
    _ condition: @autoclosure () -> Bool, _ message: @autoclosure () -> String = "",
    file: StaticString = #fileID, line: UInt = #line
) {
    if !condition() {
        fatalError("invariant broken: \(message())", file: file, line: line)
    }
}

/// An invariant that is too dear for release builds: checked where `INVARIANTS` is set (debug).
@inlinable
package func expensiveInvariant(
    _ condition: @autoclosure () -> Bool, _ message: @autoclosure () -> String = "",
    file: StaticString = #fileID, line: UInt = #line
) {
    #if INVARIANTS
        invariant(condition(), message(), file: file, line: line)
    #endif
}

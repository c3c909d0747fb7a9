internal import Base

/// What the operators of a running query did, added up by its threads.
final class OperatorFigures: Sendable {
    private let operators = Locked<[SelectStatistics.Operator]>([])

    /// Names an operator; its number, in the order of the plan.
    func add(_ name: String, depth: Int) -> Int {
        operators.withLock { operators in
            operators.append(SelectStatistics.Operator(name: name, depth: depth))
            return operators.count - 1
        }
    }

    func record(_ number: Int, _ counts: OperatorCounts) {
        operators.withLock { operators in
            operators[number].rowsIn += counts.rowsIn
            operators[number].rowsOut += counts.rowsOut
            operators[number].nanoseconds += counts.nanoseconds
        }
    }

    func record(_ number: Int, _ scan: SelectStatistics.Scan) {
        operators.withLock { operators in
            if operators[number].scan == nil {
                operators[number].scan = scan
            } else {
                operators[number].scan?.add(scan)
            }
        }
    }

    func statistics() -> SelectStatistics {
        var statistics = SelectStatistics()
        statistics.operators = operators.withLock { $0 }
        for figures in statistics.operators {
            guard let scan = figures.scan else { continue }
            statistics.rowsScanned += figures.rowsIn
            statistics.bytesRead += scan.bytesRead
            if scan.rowsLost > 0 { statistics.isPartial = true }
        }
        return statistics
    }
}

/// What one thread did in one operator.
struct OperatorCounts: Sendable {
    var rowsIn = 0
    var rowsOut = 0
    var nanoseconds: UInt64 = 0
}

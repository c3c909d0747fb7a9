internal import Expressions

extension Expression {
    /// The column of times of which it is a function that never falls, and of nothing else; nil if
    /// it is none.
    ///
    /// Where such a function is the same at the ends of a span of time, it is the same within. In
    /// zones other than UTC days may come out of order, where clocks go back over midnight.
    var monotoneColumn: Int? {
        guard case .call(let call) = self, !call.kernel.canFail else { return nil }
        let columns = call.arguments.compactMap { argument -> Int? in
            if case .column(let index, .timestamp) = argument { index } else { nil }
        }
        let constantCount = call.arguments.count { argument in
            if case .constant = argument { true } else { false }
        }
        guard columns.count == 1, columns.count + constantCount == call.arguments.count else {
            return nil
        }
        switch call.name {
        case "date_trunc", "time_bucket", "toStartOfInterval":
            return constantCount == 1 ? columns[0] : nil
        case "cast": return call.type == .date ? columns[0] : nil
        default:
            return call.name.hasPrefix("toStartOf") && constantCount == 0 ? columns[0] : nil
        }
    }

    /// Adds the columns that it reads, but for times of which only such functions are asked: those
    /// are added to the functions of their column.
    func addColumns(to columns: inout Set<Int>, monotone: inout [Int: Set<Expression>]) {
        if let column = monotoneColumn {
            monotone[column, default: []].insert(self)
        } else {
            addColumns(to: &columns)
        }
    }
}

internal import Expressions
internal import SQL

/// What the names of one SELECT can mean: the columns of its FROM.
///
/// Of a table, only the columns that are named become columns of the scan, in the order in which
/// they are met; expressions number these.
final class SourceScope {
    private enum Source {
        case none
        case table(TableDescription)
        case query(BoundRelation)
    }

    /// What may stand before a column's name and a dot.
    let qualifier: String?
    private let source: Source
    private var scanned: [TableScan.Column] = []
    private var indices: [TableScan.Column: Int] = [:]
    /// Where each column was named first, for errors.
    private var ranges: [Int: SourceRange] = [:]

    /// A SELECT without FROM.
    init() {
        qualifier = nil
        source = .none
    }

    init(_ table: TableDescription, alias: String?) {
        qualifier = alias ?? table.name
        source = .table(table)
    }

    init(_ query: BoundRelation, alias: String?) {
        qualifier = alias
        source = .query(query)
    }

    /// All names, for suggestions and `*`.
    var columns: [OutputColumn] {
        switch source {
        case .none: []
        case .table(let table):
            table.columns.filter { !$0.isHidden }.map {
                OutputColumn(name: $0.name, type: $0.type)
            }
        case .query(let query): query.columns
        }
    }

    /// The columns of `*`, each as an expression.
    func star() -> [(name: String, expression: Expression)] {
        switch source {
        case .none: []
        case .table(let table):
            table.columns.filter { !$0.isHidden }.map {
                ($0.name, column(TableScan.Column(name: $0.name, type: $0.type), at: .none))
            }
        case .query(let query):
            query.columns.enumerated().map { index, column in
                (column.name, .column(index, column.type))
            }
        }
    }

    /// The column that a dotted name means; nil if there is none.
    func find(_ names: [NameSyntax], at range: SourceRange) -> Expression? {
        let parts = names.map(\.text)
        if let found = find(parts.joined(separator: "."), at: range) { return found }
        guard parts.count > 1, let qualifier else { return nil }
        let depth = qualifier.split(separator: ".").count
        guard parts.count > depth,
            parts.prefix(depth).joined(separator: ".") == qualifier
        else { return nil }
        return find(parts.dropFirst(depth).joined(separator: "."), at: range)
    }

    private func find(_ name: String, at range: SourceRange) -> Expression? {
        switch source {
        case .none: return nil
        case .table(let table):
            guard let found = table.column(named: name) else { return nil }
            return column(TableScan.Column(name: found.name, type: found.type), at: range)
        case .query(let query):
            guard let index = query.columns.firstIndex(where: { $0.name == name }) else {
                return nil
            }
            if ranges[index] == nil { ranges[index] = range }
            return .column(index, query.columns[index].type)
        }
    }

    private func column(_ column: TableScan.Column, at range: SourceRange) -> Expression {
        if let index = indices[column] { return .column(index, column.type) }
        let index = scanned.count
        scanned.append(column)
        indices[column] = index
        ranges[index] = range
        return .column(index, column.type)
    }

    /// The numbers alone of a property that has text, too; the expression itself else.
    func numbers(of expression: Expression) -> Expression? {
        guard case .table(let table) = source, case .column(let index, _) = expression,
            scanned.indices.contains(index),
            let numbers = table.column(named: scanned[index].name)?.numbers
        else { return nil }
        return column(
            TableScan.Column(name: scanned[index].name, type: numbers),
            at: ranges[index] ?? .none)
    }

    /// Where a column was named first, and its name.
    func place(of index: Int) -> (name: String, range: SourceRange) {
        switch source {
        case .query(let query) where query.columns.indices.contains(index):
            (query.columns[index].name, ranges[index] ?? .none)
        case .table where scanned.indices.contains(index):
            (scanned[index].name, ranges[index] ?? .none)
        default: ("", .none)
        }
    }

    /// The rows, once all names are resolved.
    func plan(_ catalog: TableCatalog) -> LogicalPlan {
        switch source {
        case .none: .oneRow
        case .table(let table):
            switch table.kind {
            case .events, .system: .scan(TableScan(table: table.name, columns: scanned))
            case .rollup(let rollup): rollup.plan(scanned)
            }
        case .query(let query): query.plan
        }
    }
}

/// Rows with names: what a query or a sub-query gives.
struct BoundRelation: Sendable {
    var plan: LogicalPlan
    var columns: [OutputColumn]
}

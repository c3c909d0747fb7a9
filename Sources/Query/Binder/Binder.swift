package import Base
internal import Expressions
package import SQL

/// Resolves the names and types of statements against the tables of one instant.
///
/// 1. FROM gives the names that columns can have (`SourceScope`). 2. Expressions are bound to typed
/// ones; what they read of a table becomes the columns of its scan. Aggregates and window functions
/// found on the way are kept aside and stand as columns of ranges of their own numbers
/// (`SelectState`). 3. Grouped expressions are rewritten onto keys and aggregates, and the plan is
/// put together (`SelectBinder`).
package struct Binder {
    /// What a parameter `{name:Type}` of the text stands for.
    package typealias Parameters = [String: String]

    let place: BindingPlace
    let catalog: TableCatalog
    let parameters: Parameters
    let now: Milliseconds
    let zones: ZoneLookup
    /// `WITH` so far, the innermost last.
    var commonTables: [CommonTableSyntax] = []
    /// How many nodes may be bound: names can stand for expressions, so that a short text can mean
    /// a huge one.
    let budget = BindingBudget()

    private init(
        _ text: QueryText, _ catalog: TableCatalog, _ parameters: Parameters, now: Milliseconds
    ) {
        place = BindingPlace(text: text)
        self.catalog = catalog
        self.parameters = parameters
        self.now = now
        zones = TimeZoneDatabase.lookup
    }

    /// Reads and binds a statement.
    package static func bind(
        _ text: QueryText, catalog: TableCatalog, parameters: Parameters = [:],
        now: Milliseconds, limits: SyntaxLimits = SyntaxLimits()
    ) throws(QueryError) -> BoundQuery {
        let statement: StatementSyntax
        do {
            statement = try StatementSyntax.parse(text, limits: limits)
        } catch {
            throw QueryError(error)
        }
        var binder = Binder(text, catalog, parameters, now: now)
        let relation = try binder.query(statement.query)
        var bound = BoundQuery(plan: relation.plan, columns: relation.columns)
        switch statement.explanation {
        case .plan: bound.explanation = .plan
        case .analysis: bound.explanation = .analysis
        case nil: break
        }
        bound.settings = try binder.settings(statement.settings)
        bound.format = statement.format?.text.lowercased()
        return bound
    }

    private func settings(_ settings: [SettingSyntax]) throws(QueryError) -> QuerySettings {
        var found = QuerySettings()
        for setting in settings {
            let value = try constant(setting.value)
            switch (setting.name.text.lowercased(), value) {
            case ("use_rollups", .boolean(let truth)): found.usesRollups = truth
            case ("use_rollups", .integer(let number)): found.usesRollups = number != 0
            case ("max_threads", .integer(let count)) where (1...1024).contains(count):
                found.threads = Int(count)
            case ("timeout_ms", .integer(let count)) where count > 0:
                found.timeoutMilliseconds = Int(count)
            case ("max_memory", .integer(let count)) where count > 0:
                found.memoryBytes = Int(count)
            case ("use_rollups", _), ("max_threads", _), ("timeout_ms", _), ("max_memory", _):
                throw place.error(
                    "invalid_setting", "setting \(setting.name.text) cannot have this value",
                    at: setting.value.range)
            default:
                throw place.error(
                    "unknown_setting",
                    "unknown setting \"\(setting.name.text)\"; known: "
                        + "max_memory, max_threads, timeout_ms, use_rollups",
                    at: setting.name.range)
            }
        }
        return found
    }

    /// The value of an expression without columns.
    func constant(_ syntax: ExpressionSyntax) throws(QueryError) -> Value {
        var state = SelectState(scope: SourceScope(), aliases: [:], windows: [])
        var binder = ExpressionBinder(self, state: state, rules: ExpressionBinder.Rules())
        let bound = try binder.bind(syntax)
        state = binder.state
        guard case .constant(let value, _) = bound else {
            throw place.error(
                "not_constant", "a constant is wanted here", at: syntax.range)
        }
        return value
    }
}

/// Counts the nodes that are bound, and how deep they lie in each other.
final class BindingBudget {
    private var left = 200_000
    private var depth = 0
    /// As deep as the tree of a text may be, and again as deep for names that stand for others.
    private static let depthMost = 400

    /// Whether so many more may be bound.
    func take(_ count: Int = 1) -> Bool {
        left -= count
        return left >= 0
    }

    /// Whether what lies within the node at hand may be bound; `leave` follows in any case.
    func enter() -> Bool {
        depth += 1
        return depth <= Self.depthMost
    }

    /// Ends what `enter` began.
    func leave() { depth -= 1 }
}

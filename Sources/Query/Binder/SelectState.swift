internal import Expressions
internal import SQL

/// What binding the expressions of one SELECT finds: its aggregates and window functions.
struct SelectState {
    /// Aggregates stand as columns from here on until the plan is put together.
    static let firstAggregate = 1 << 24
    /// Window functions stand as columns from here on.
    static let firstWindow = 1 << 25

    let scope: SourceScope
    /// What items of the select list are called.
    let aliases: [String: ExpressionSyntax]
    /// `WINDOW`.
    let windows: [NamedWindowSyntax]
    private(set) var aggregates: [AggregateCall] = []
    private(set) var windowCalls: [WindowCall] = []

    init(
        scope: SourceScope, aliases: [String: ExpressionSyntax], windows: [NamedWindowSyntax]
    ) {
        self.scope = scope
        self.aliases = aliases
        self.windows = windows
    }

    /// The aggregate as a column; equal ones are computed once.
    mutating func add(_ call: AggregateCall) -> Expression {
        let index = aggregates.firstIndex(of: call) ?? aggregates.count
        if index == aggregates.count { aggregates.append(call) }
        return .column(Self.firstAggregate + index, call.type)
    }

    /// The window function as a column.
    mutating func add(_ call: WindowCall) -> Expression {
        let index = windowCalls.firstIndex(of: call) ?? windowCalls.count
        if index == windowCalls.count { windowCalls.append(call) }
        return .column(Self.firstWindow + index, call.type)
    }
}

extension Expression {
    /// Whether an aggregate or a window function stands in it.
    var hasAggregate: Bool { mentionsColumn { $0 >= SelectState.firstAggregate } }
    var hasWindow: Bool { mentionsColumn { $0 >= SelectState.firstWindow } }

    private func mentionsColumn(_ matches: (Int) -> Bool) -> Bool {
        if case .column(let index, _) = self { return matches(index) }
        return children.contains { $0.mentionsColumn(matches) }
    }
}

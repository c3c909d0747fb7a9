/// A call of a function, an aggregate or a window function.
///
/// `name[(parameters)]([DISTINCT] arguments [ORDER BY …]) [FILTER (WHERE …)] [IGNORE NULLS]
/// [OVER …]`
package struct CallSyntax: Sendable, Equatable {
    /// The name in the letters of the query; the binder looks it up without regard to case.
    package let name: NameSyntax
    /// The first parentheses of `quantile(0.95)(x)`; nil if there is one pair.
    package let parameters: [ExpressionSyntax]?
    /// What stands in the parentheses; empty with `isStar`.
    package let arguments: [ExpressionSyntax]
    /// Whether it is `count(*)`.
    package let isStar: Bool
    /// Whether `DISTINCT` stands before the arguments.
    package let isDistinct: Bool
    /// `ORDER BY` in the parentheses; empty if there is none.
    package let order: [OrderSyntax]
    /// `FILTER (WHERE …)`.
    package let filter: ExpressionSyntax?
    /// Whether `IGNORE NULLS` (true) or `RESPECT NULLS` (false) was said; nil if neither.
    package let ignoresNulls: Bool?
    /// `OVER`.
    package let over: OverSyntax?

    package init(
        _ name: NameSyntax, parameters: [ExpressionSyntax]? = nil,
        _ arguments: [ExpressionSyntax] = [], isStar: Bool = false, isDistinct: Bool = false,
        order: [OrderSyntax] = [], filter: ExpressionSyntax? = nil, ignoresNulls: Bool? = nil,
        over: OverSyntax? = nil
    ) {
        self.name = name
        self.parameters = parameters
        self.arguments = arguments
        self.isStar = isStar
        self.isDistinct = isDistinct
        self.order = order
        self.filter = filter
        self.ignoresNulls = ignoresNulls
        self.over = over
    }
}

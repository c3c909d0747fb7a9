/// An expression of a query.
///
/// Some spellings are read as calls, so that there are fewer kinds of node:
/// - `EXTRACT(unit FROM x)` as `date_part('unit', x)`
/// - `SUBSTRING(x FROM a FOR b)` as `substring(x, a, b)`
/// - `POSITION(a IN b)` as `position(b, a)`
/// - `TRIM(BOTH | LEADING | TRAILING c FROM x)` as `trim`, `ltrim`, `rtrim` of `(x, c)`
/// - `x AT TIME ZONE z` as `timezone(z, x)`
/// - `CURRENT_DATE` and its kin as calls without arguments
/// - `f(p) WITHIN GROUP (ORDER BY x)` as the parametric call `f(p)(x)`
/// - `x IS TRUE` as `x IS NOT DISTINCT FROM TRUE`
package struct ExpressionSyntax: Sendable, Equatable {
    /// What an expression can be.
    package indirect enum Kind: Sendable, Equatable {
        case literal(LiteralSyntax)
        /// A column; more than one name if dotted (`properties.page`, `events.page`).
        case column([NameSyntax])
        /// `{name:Type}`.
        case parameter(NameSyntax, TypeSyntax)
        case unary(UnaryOperator, ExpressionSyntax)
        case binary(BinaryOperator, ExpressionSyntax, ExpressionSyntax)
        /// At least two conditions; those in parentheses stay nodes of their own.
        case and([ExpressionSyntax])
        case or([ExpressionSyntax])
        /// `x IS [NOT] NULL`.
        case isNull(ExpressionSyntax, isNegated: Bool)
        /// `x [NOT] BETWEEN low AND high`.
        case between(
            ExpressionSyntax, low: ExpressionSyntax, high: ExpressionSyntax, isNegated: Bool)
        /// `x [NOT] IN (a, b, …)`; at least one.
        case inList(ExpressionSyntax, [ExpressionSyntax], isNegated: Bool)
        /// `x [NOT] IN (SELECT …)`.
        case inQuery(ExpressionSyntax, QuerySyntax, isNegated: Bool)
        case match(MatchSyntax)
        /// `CAST(x AS T)`, `x::T`; `TRY_CAST` gives null where the value does not fit.
        case cast(ExpressionSyntax, TypeSyntax, isTry: Bool)
        case conditional(CaseSyntax)
        case call(CallSyntax)
        /// `[a, b, …]`, `ARRAY[a, b, …]`; may be empty.
        case array([ExpressionSyntax])
        /// `(a, b, …)`; at least two.
        case tuple([ExpressionSyntax])
        /// `x[index]`.
        case element(ExpressionSyntax, index: ExpressionSyntax)
        /// `INTERVAL amount unit`, the unit in the letters of the query; `INTERVAL 'text'` has none
        /// and a string literal as amount.
        case interval(amount: ExpressionSyntax, unit: NameSyntax?)
        /// `DATE '…'`, `TIMESTAMP '…'`.
        case time(TimeLiteralKind, String)
        /// A query in parentheses, as a value.
        case query(QuerySyntax)
        /// `EXISTS (SELECT …)`.
        case exists(QuerySyntax)
    }

    /// What the expression is.
    package let kind: Kind
    /// From the first to the last token, without parentheses around it.
    package let range: SourceRange
    /// How many nodes lie on the longest way down, with this one; bounded by
    /// `SyntaxLimits.depthMax` if parsed, so that whoever recurses needs little of the stack.
    package private(set) var height: Int

    /// An expression of that kind.
    package init(_ kind: Kind, range: SourceRange = .none) {
        self.kind = kind
        self.range = range
        height = 0
        height = 1 + max(children.heightMax, kind.query?.height ?? 0)
    }
}

/// A constant.
package enum LiteralSyntax: Sendable, Equatable {
    case null
    case boolean(Bool)
    /// An integer that fits; a minus before it is an operator of its own.
    case integer(UInt64)
    /// A number with fraction or exponent, or an integer that does not fit; finite.
    case float(Double)
    case string(String)
}

/// Which literal of time; both are text that the binder reads.
package enum TimeLiteralKind: String, Sendable, CaseIterable {
    case date = "DATE"
    case timestamp = "TIMESTAMP"
}

/// Operators before their operand.
package enum UnaryOperator: String, Sendable, CaseIterable {
    case not = "NOT"
    case minus = "-"
    case plus = "+"
}

/// Operators between two operands, by their canonical spelling.
package enum BinaryOperator: String, Sendable, CaseIterable {
    case equal = "="
    case notEqual = "<>"
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case isDistinct = "IS DISTINCT FROM"
    case isNotDistinct = "IS NOT DISTINCT FROM"
    case concatenate = "||"
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case integerDivide = "DIV"
    case remainder = "%"
}

/// A comparison of text with a pattern: `value [NOT] LIKE pattern [ESCAPE escape]` and its kin.
package struct MatchSyntax: Sendable, Equatable {
    /// How the pattern is to be read.
    package enum Style: String, Sendable, CaseIterable {
        case like = "LIKE"
        case likeIgnoringCase = "ILIKE"
        /// `REGEXP`, also spelt `~`, `!~`, `RLIKE`.
        case regex = "REGEXP"
        /// `~*`, `!~*`.
        case regexIgnoringCase = "~*"
    }

    /// How the pattern is to be read.
    package let style: Style
    /// The text.
    package let value: ExpressionSyntax
    /// The pattern.
    package let pattern: ExpressionSyntax
    /// `ESCAPE`; only `LIKE` and `ILIKE` have it.
    package let escape: ExpressionSyntax?
    /// Whether `NOT` was said.
    package let isNegated: Bool

    package init(
        _ style: Style, value: ExpressionSyntax, pattern: ExpressionSyntax,
        escape: ExpressionSyntax? = nil, isNegated: Bool = false
    ) {
        self.style = style
        self.value = value
        self.pattern = pattern
        self.escape = escape
        self.isNegated = isNegated
    }
}

/// `CASE [operand] WHEN … THEN … [ELSE …] END`.
package struct CaseSyntax: Sendable, Equatable {
    /// One `WHEN … THEN …`.
    package struct Branch: Sendable, Equatable {
        /// A condition, or what the operand is compared with.
        package let when: ExpressionSyntax
        /// The value then.
        package let then: ExpressionSyntax

        package init(when: ExpressionSyntax, then: ExpressionSyntax) {
            self.when = when
            self.then = then
        }
    }

    /// What each `WHEN` is compared with; nil if they are conditions.
    package let operand: ExpressionSyntax?
    /// At least one.
    package let branches: [Branch]
    /// The value if no branch fits; nil is `NULL`.
    package let otherwise: ExpressionSyntax?

    package init(
        operand: ExpressionSyntax? = nil, branches: [Branch], otherwise: ExpressionSyntax? = nil
    ) {
        self.operand = operand
        self.branches = branches
        self.otherwise = otherwise
    }
}

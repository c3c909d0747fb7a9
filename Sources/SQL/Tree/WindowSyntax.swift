/// What `OVER` says.
package enum OverSyntax: Sendable, Equatable {
    /// `OVER name`: a window of the `WINDOW` clause.
    case named(NameSyntax)
    /// `OVER (…)`.
    case window(WindowSyntax)
}

/// A window: `([base] [PARTITION BY …] [ORDER BY …] [frame])`.
package struct WindowSyntax: Sendable, Equatable {
    /// The named window that this one refines.
    package let base: NameSyntax?
    /// `PARTITION BY`; empty if there is none.
    package let partition: [ExpressionSyntax]
    /// `ORDER BY`; empty if there is none.
    package let order: [OrderSyntax]
    /// Which rows of the partition; nil for the default.
    package let frame: FrameSyntax?
    /// With the parentheses.
    package let range: SourceRange

    package init(
        base: NameSyntax? = nil, partition: [ExpressionSyntax] = [], order: [OrderSyntax] = [],
        frame: FrameSyntax? = nil, range: SourceRange = .none
    ) {
        self.base = base
        self.partition = partition
        self.order = order
        self.frame = frame
        self.range = range
    }
}

/// One `name AS (…)` of `WINDOW`.
package struct NamedWindowSyntax: Sendable, Equatable {
    /// Under which name `OVER` finds it.
    package let name: NameSyntax
    /// The window.
    package let window: WindowSyntax

    package init(name: NameSyntax, window: WindowSyntax) {
        self.name = name
        self.window = window
    }
}

/// The frame of a window; `ROWS start` alone is read as `ROWS BETWEEN start AND CURRENT ROW`.
package struct FrameSyntax: Sendable, Equatable {
    /// What the bounds count.
    package enum Unit: String, Sendable, CaseIterable {
        case rows = "ROWS"
        case range = "RANGE"
        case groups = "GROUPS"
    }

    /// Where a frame begins or ends.
    package enum Bound: Sendable, Equatable {
        case unboundedPreceding
        case preceding(ExpressionSyntax)
        case currentRow
        case following(ExpressionSyntax)
        case unboundedFollowing
    }

    /// What the bounds count.
    package let unit: Unit
    /// The first row.
    package let start: Bound
    /// The last row.
    package let end: Bound
    /// From the unit to the last token.
    package let range: SourceRange

    package init(_ unit: Unit, from start: Bound, to end: Bound, range: SourceRange = .none) {
        self.unit = unit
        self.start = start
        self.end = end
        self.range = range
    }
}

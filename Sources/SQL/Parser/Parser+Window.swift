extension Parser {
    /// Reads `name AS (…)`.
    mutating func namedWindow() throws(SQLError) -> NamedWindowSyntax {
        let name = try name("the name of a window")
        try expect(.as, " (WINDOW name AS (…))")
        return NamedWindowSyntax(name: name, window: try window())
    }

    /// Reads what follows `OVER`.
    mutating func over() throws(SQLError) -> OverSyntax {
        if at(.leftParenthesis) { return .window(try window()) }
        return .named(try name("\"(\" or the name of a window behind OVER"))
    }

    private mutating func window() throws(SQLError) -> WindowSyntax {
        let start = position
        try expect(.leftParenthesis, " and a window")
        var base: NameSyntax?
        if isAtName, !at(.partition), !isAtFrame {
            bareAlias = position
            base = anyName()
        }
        var partition: [ExpressionSyntax] = []
        if take(.partition) {
            try expect(.by, " behind PARTITION")
            partition = try expressions()
        }
        var order: [OrderSyntax] = []
        if take(.order) { order = try orderItems() }
        let frame = try frame()
        guard take(.rightParenthesis) else {
            throw unexpected(
                "\")\" behind the window", likely: [.partition, .order, .rows, .range, .groups])
        }
        return WindowSyntax(
            base: base, partition: partition, order: order, frame: frame,
            range: range(from: start))
    }

    private var isAtFrame: Bool { at(.rows) || at(.range) || at(.groups) }

    private mutating func frame() throws(SQLError) -> FrameSyntax? {
        let start = position
        let unit: FrameSyntax.Unit
        switch current.keyword {
        case .rows: unit = .rows
        case .range: unit = .range
        case .groups: unit = .groups
        default: return nil
        }
        position += 1
        let first: FrameSyntax.Bound
        var last = FrameSyntax.Bound.currentRow
        if take(.between) {
            first = try bound()
            try expect(.and, " and the end of the frame")
            last = try bound()
        } else {
            first = try bound()
        }
        if at(.exclude) { throw unsupported("EXCLUDE in frames is not supported") }
        return FrameSyntax(unit, from: first, to: last, range: range(from: start))
    }

    private mutating func bound() throws(SQLError) -> FrameSyntax.Bound {
        if take(.current) {
            try expect(.row, " behind CURRENT")
            return .currentRow
        }
        if take(.unbounded) {
            if take(.preceding) { return .unboundedPreceding }
            if take(.following) { return .unboundedFollowing }
            throw unexpectedDirection
        }
        // Not an AND: that one separates the bounds.
        let distance = try expression(.concatenation)
        if take(.preceding) { return .preceding(distance) }
        if take(.following) { return .following(distance) }
        throw unexpectedDirection
    }

    private var unexpectedDirection: SQLError {
        unexpected("PRECEDING or FOLLOWING", likely: [.preceding, .following])
    }
}

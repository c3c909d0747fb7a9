extension ExpressionSyntax.Kind {
    /// How strongly the expression holds together as canonical text writes it.
    var precedence: Precedence {
        switch self {
        case .or: .or
        case .and: .and
        case .unary(.not, _): .not
        case .unary: .unary
        case .binary(let operation, _, _): operation.precedence
        case .isNull: .is
        case .between, .inList, .inQuery, .match: .pattern
        case .element: .postfix
        default: .primary
        }
    }
}

extension SyntaxPrinter {
    /// Writes an expression, in parentheses if it does not hold together as strongly as its place
    /// wants.
    mutating func write(_ expression: ExpressionSyntax, atLeast minimum: Precedence = .or) {
        let isBare = expression.kind.precedence >= minimum
        if !isBare { text += "(" }
        write(expression.kind)
        if !isBare { text += ")" }
    }

    private mutating func write(_ kind: ExpressionSyntax.Kind) {
        switch kind {
        case .literal(let literal): write(literal)
        case .column(let names): write(names)
        case .parameter(let name, let type):
            text += "{\(name.text):"
            write(type)
            text += "}"
        case .unary(let operation, let operand): write(operation, operand)
        case .binary(let operation, let left, let right): write(operation, left, right)
        case .and(let conditions): chain(conditions, " AND ", atLeast: .not)
        case .or(let conditions): chain(conditions, " OR ", atLeast: .and)
        case .isNull, .between, .inList, .inQuery, .match: writeCondition(kind)
        case .cast(let value, let type, let isTry):
            text += isTry ? "TRY_CAST(" : "CAST("
            write(value)
            text += " AS "
            write(type)
            text += ")"
        case .conditional(let conditional): write(conditional)
        case .call(let call): write(call)
        case .array(let items): bracketed("[", items, "]")
        case .tuple(let items): bracketed("(", items, ")")
        case .element(let value, let index):
            write(value, atLeast: .postfix)
            bracketed("[", [index], "]")
        case .interval(let amount, let unit):
            text += "INTERVAL "
            write(amount)
            if let unit { text += " " + unit.text.uppercased() }
        case .time(let kind, let string):
            text += kind.rawValue + " "
            write(string, quote: "'")
        case .query(let query): writeInParentheses(query)
        case .exists(let query):
            text += "EXISTS "
            writeInParentheses(query)
        }
    }

    private mutating func bracketed(_ open: String, _ items: [ExpressionSyntax], _ close: String) {
        text += open
        list(items) { $0.write($1) }
        text += close
    }

    private mutating func chain(
        _ conditions: [ExpressionSyntax], _ operation: String, atLeast minimum: Precedence
    ) {
        for (index, condition) in conditions.enumerated() {
            if index > 0 { text += operation }
            write(condition, atLeast: minimum)
        }
    }

    // MARK: Operators

    private mutating func write(_ operation: UnaryOperator, _ operand: ExpressionSyntax) {
        text += operation.rawValue
        guard operation != .not else {
            text += " "
            return write(operand, atLeast: .not)
        }
        // Two signs would begin a comment.
        if case .unary = operand.kind {
            write(operand, atLeast: .primary)
        } else {
            write(operand, atLeast: .unary)
        }
    }

    private mutating func write(
        _ operation: BinaryOperator, _ left: ExpressionSyntax, _ right: ExpressionSyntax
    ) {
        let precedence = operation.precedence
        write(left, atLeast: precedence == .comparison ? precedence.next : precedence)
        text += " \(operation.rawValue) "
        write(right, atLeast: precedence.next)
    }

    private mutating func writeCondition(_ kind: ExpressionSyntax.Kind) {
        switch kind {
        case .isNull(let value, let isNegated):
            write(value, atLeast: .is)
            text += isNegated ? " IS NOT NULL" : " IS NULL"
        case .between(let value, let low, let high, let isNegated):
            write(value, atLeast: .pattern)
            text += isNegated ? " NOT BETWEEN " : " BETWEEN "
            chain([low, high], " AND ", atLeast: .concatenation)
        case .inList(let value, let items, let isNegated):
            write(value, atLeast: .pattern)
            text += isNegated ? " NOT IN " : " IN "
            bracketed("(", items, ")")
        case .inQuery(let value, let query, let isNegated):
            write(value, atLeast: .pattern)
            text += isNegated ? " NOT IN " : " IN "
            writeInParentheses(query)
        case .match(let match): write(match)
        default: break
        }
    }

    private mutating func write(_ match: MatchSyntax) {
        write(match.value, atLeast: .pattern)
        switch (match.style, match.isNegated) {
        case (.regexIgnoringCase, true): text += " !~* "
        case (.regexIgnoringCase, false): text += " ~* "
        default: text += (match.isNegated ? " NOT " : " ") + match.style.rawValue + " "
        }
        write(match.pattern, atLeast: .concatenation)
        if let escape = match.escape {
            text += " ESCAPE "
            write(escape, atLeast: .concatenation)
        }
    }

    private mutating func write(_ conditional: CaseSyntax) {
        text += "CASE"
        if let operand = conditional.operand {
            text += " "
            write(operand)
        }
        for branch in conditional.branches {
            text += " WHEN "
            write(branch.when)
            text += " THEN "
            write(branch.then)
        }
        if let otherwise = conditional.otherwise {
            text += " ELSE "
            write(otherwise)
        }
        text += " END"
    }

    // MARK: Calls

    private mutating func write(_ call: CallSyntax) {
        write(call.name, isFunction: true)
        // POSITION(a IN b) is a form of its own, so that a bare IN may not begin the arguments.
        let isPosition = call.name.text.lowercased() == Keyword.position.rawValue
        let minimum = isPosition ? Precedence.concatenation : .or
        if let parameters = call.parameters {
            text += "("
            list(parameters) { $0.write($1, atLeast: minimum) }
            text += ")"
        }
        text += call.isStar ? "(*" : call.isDistinct ? "(DISTINCT " : "("
        list(call.arguments) { $0.write($1, atLeast: minimum) }
        writeOrder(call.order)
        text += ")"
        if let filter = call.filter {
            text += " FILTER (WHERE "
            write(filter)
            text += ")"
        }
        if let ignoresNulls = call.ignoresNulls {
            text += ignoresNulls ? " IGNORE NULLS" : " RESPECT NULLS"
        }
        switch call.over {
        case .named(let name):
            text += " OVER "
            write(name)
        case .window(let window):
            text += " OVER "
            write(window)
        case nil: break
        }
    }
}

extension Parser {
    /// Reads the name of a type.
    mutating func type() throws(SQLError) -> TypeSyntax {
        try enter()
        defer { leave() }
        let start = position
        guard at(.word), isAtName else { throw unexpected("the name of a type") }
        let first = current.keyword
        var name = anyName().text
        if first == .double, take(.precision) { name = "DOUBLE PRECISION" }
        if first == .character, take(.varying) { name = "CHARACTER VARYING" }
        let isTime = first == .timestamp || first == .time
        if isTime { name += takeZoneWords() }
        var arguments: [TypeSyntax.Argument] = []
        if take(.leftParenthesis) {
            arguments = try list { parser throws(SQLError) in try parser.typeArgument() }
            try expect(.rightParenthesis, " behind the type")
        }
        if isTime, at(.with) || at(.without) { name += takeZoneWords() }
        var type = TypeSyntax(name, arguments, range: range(from: start))
        while at(.leftBracket) {
            position += 1
            try expect(.rightBracket, " behind the type")
            type = TypeSyntax("Array", [.type(type)], range: range(from: start))
        }
        if type.height > limits.depthMax { throw tooDeep(at: tokens[position - 1].range) }
        return type
    }

    private mutating func typeArgument() throws(SQLError) -> TypeSyntax.Argument {
        if take(.number) {
            let token = tokens[position - 1]
            guard case .integer(let integer) = try values.number(token) else {
                throw error("the argument of a type is an integer", at: token.range)
            }
            return .integer(integer)
        }
        if take(.string) { return .string(values.unquoted(tokens[position - 1])) }
        return .type(try type())
    }

    /// `WITH TIME ZONE` or `WITHOUT TIME ZONE`, before or behind the arguments.
    private mutating func takeZoneWords() -> String {
        guard at(.with) || at(.without), peek().keyword == .time, peek(2).keyword == .zone
        else { return "" }
        let word = found(current)
        position += 3
        return " \(word.uppercased()) TIME ZONE"
    }

    /// Reads the type of `CAST(x, 'Type')`, whose text is a type.
    mutating func quotedType() throws(SQLError) -> TypeSyntax {
        let token = current
        position += 1
        do throws(SQLError) {
            var parser = try Parser(QueryText(values.unquoted(token)), limits: limits)
            let type = try parser.type()
            if !parser.at(.endOfText) { throw parser.unexpected("the end of the type") }
            return TypeSyntax(type.name, type.arguments, range: token.range)
        } catch {
            throw self.error("this text is no type: \(error.message)", at: token.range)
        }
    }
}

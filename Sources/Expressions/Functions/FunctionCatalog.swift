package import Base

/// All scalar functions of SQL, operators among them, by name.
package enum FunctionCatalog {
    /// Calls the function of that name or alias, in any case, with these arguments.
    ///
    /// Types are checked and conversions that lose nothing inserted. What does not depend on a row
    /// is computed here; if that fails, so does the binding. `now` is the instant of `now()`, one
    /// for the whole query.
    package static func bind(
        _ name: String, _ arguments: [Expression], zones: @escaping ZoneLookup,
        now: Milliseconds = Clock.now()
    ) throws(BindingError) -> Expression {
        let context = BindingContext(zones: zones, now: now)
        return try bind(name, arguments, context)
    }

    /// `CAST`, or `TRY_CAST`, which gives NULL where the cast has no value.
    package static func cast(
        _ expression: Expression, to type: DataType, isTry: Bool, zones: @escaping ZoneLookup
    ) throws(BindingError) -> Expression {
        let context = BindingContext(zones: zones, now: 0)
        return try Casts.cast(expression, to: type, isTry: isTry, context)
    }

    /// Whether there is a function of that name or alias.
    package static func contains(_ name: String) -> Bool { byName[name.lowercased()] != nil }

    /// The reference: every function once, by family.
    package static var documented: [FunctionDocumentation] {
        definitions.map { definition in
            FunctionDocumentation(
                name: definition.name, aliases: definition.aliases, family: definition.family,
                signatures: definition.signatures, nulls: definition.nulls,
                summary: definition.summary, example: definition.example,
                result: definition.result)
        }
    }

    /// Every standard name and alias.
    package static var names: [String] {
        definitions.flatMap { [$0.name] + $0.aliases }
    }

    static func bind(
        _ name: String, _ arguments: [Expression], _ context: BindingContext
    ) throws(BindingError) -> Expression {
        guard let definition = byName[name.lowercased()] else {
            throw BindingError(
                code: "unknown_function", message: "unknown function \(name.prefix(100))",
                closest: closest(to: name, in: names))
        }
        switch definition.binding {
        case .special(_, let bind): return try bind(arguments, context)
        case .overloads(let overloads):
            return try Overload.bind(
                definition.name, overloads, arguments, context, nulls: definition.nulls)
        }
    }

    /// The definitions by family, in the order of the reference.
    static let definitions: [FunctionDefinition] =
        ComparisonFunctions.definitions + ArithmeticFunctions.definitions
        + MathematicalFunctions.definitions + TextFunctions.definitions
        + PatternFunctions.definitions + TimeFunctions.definitions + CastFunctions.definitions
        + ConditionalFunctions.definitions + JSONFunctions.definitions
        + AddressFunctions.definitions + HashFunctions.definitions

    /// By name and alias in lower case.
    private static let byName: [String: FunctionDefinition] = {
        var byName: [String: FunctionDefinition] = [:]
        for definition in definitions {
            for name in [definition.name] + definition.aliases {
                let earlier = byName.updateValue(definition, forKey: name.lowercased())
                invariant(earlier == nil, "two functions are named \(name)")
            }
        }
        return byName
    }()
}

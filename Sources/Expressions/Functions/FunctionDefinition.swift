package import Base

/// Finds the rules of a time zone by its name; nil for UTC, an error for an unknown name.
package typealias ZoneLookup =
    @Sendable (_ name: String) throws(BindingError) -> TimeZoneRules?

/// Why a call cannot be bound, as the sender of the query is told.
package struct BindingError: Error, Sendable, Equatable {
    /// In snake case: `unknown_function`, `wrong_arguments`, `invalid_value`, or the code that
    /// the evaluation of constants ended with.
    package var code: String
    /// What was wrong, for people.
    package var message: String
    /// Names that may have been meant, best first.
    package var closest: [String]

    /// An error of binding.
    package init(code: String, message: String, closest: [String] = []) {
        self.code = code
        self.message = message
        self.closest = closest
    }
}

/// What binding needs beside the arguments.
struct BindingContext: Sendable {
    /// Finds time zones.
    let zones: ZoneLookup
    /// The instant of `now()`.
    let now: Milliseconds
}

/// A scalar function: its names, what it takes and how it is made.
struct FunctionDefinition: Sendable {
    /// Binds the arguments of a call, whatever their number and types.
    typealias SpecialBinding =
        @Sendable (_ arguments: [Expression], _ context: BindingContext) throws(BindingError)
        -> Expression

    /// How calls are bound.
    enum Binding: Sendable {
        /// The overload that costs the fewest conversions.
        case overloads([Overload])
        /// By code of its own; the signatures are for errors and documents.
        case special(signatures: [String], SpecialBinding)
    }

    /// The standard name.
    let name: String
    let aliases: [String]
    let family: FunctionFamily
    let summary: String
    /// An expression in SQL, and its value as text.
    let example: String
    let result: String
    var nulls = NullBehaviour.propagates
    let binding: Binding

    init(
        _ name: String, _ aliases: [String] = [], _ family: FunctionFamily, _ summary: String,
        example: String, _ result: String, nulls: NullBehaviour = .propagates,
        overloads: [Overload]
    ) {
        self.name = name
        self.aliases = aliases
        self.family = family
        self.summary = summary
        self.example = example
        self.result = result
        self.nulls = nulls
        binding = .overloads(overloads)
    }

    init(
        _ name: String, _ aliases: [String] = [], _ family: FunctionFamily, _ summary: String,
        example: String, _ result: String, nulls: NullBehaviour = .propagates,
        signatures: [String], bind: @escaping SpecialBinding
    ) {
        self.name = name
        self.aliases = aliases
        self.family = family
        self.summary = summary
        self.example = example
        self.result = result
        self.nulls = nulls
        binding = .special(signatures: signatures, bind)
    }

    /// What it can be called with, for errors and documents.
    var signatures: [String] {
        switch binding {
        case .overloads(let overloads): overloads.map { $0.signature(name) }
        case .special(let signatures, _): signatures
        }
    }
}

/// A group of functions, as the reference of SQL has chapters.
package enum FunctionFamily: String, Sendable, CaseIterable {
    case comparison, arithmetic, mathematics, text, patterns, time, casts, conditionals, json
    case addresses, hashing
}

/// What a function makes of NULL.
package enum NullBehaviour: Sendable, Hashable {
    /// NULL where an argument is NULL.
    case propagates
    /// As a sentence says.
    case special(String)

    /// One sentence for the reference.
    package var sentence: String {
        switch self {
        case .propagates: "NULL if an argument is NULL."
        case .special(let sentence): sentence
        }
    }
}

/// What the reference of SQL says about a function.
package struct FunctionDocumentation: Sendable {
    /// The standard name.
    package let name: String
    /// Further names.
    package let aliases: [String]
    /// The chapter.
    package let family: FunctionFamily
    /// As in `length(String) → Int64`.
    package let signatures: [String]
    /// What NULL does.
    package let nulls: NullBehaviour
    /// One sentence.
    package let summary: String
    /// An expression in SQL, which a test evaluates.
    package let example: String
    /// The example's value as text.
    package let result: String
}

/// One list of types that a function takes, and how its kernel is made for them.
struct Overload: Sendable {
    /// Makes the kernel; the arguments have the parameters' types, constants are folded.
    typealias Make =
        @Sendable (_ arguments: [Expression], _ context: BindingContext) throws(BindingError)
        -> FunctionKernel

    let parameters: [Parameter]
    let result: DataType
    let make: Make

    init(_ parameters: [Parameter], _ result: DataType, make: @escaping Make) {
        self.parameters = parameters
        self.result = result
        self.make = make
    }

    /// An overload whose kernel needs to know nothing about the arguments.
    init(_ parameters: [Parameter], _ result: DataType, kernel: FunctionKernel) {
        self.init(parameters, result) { _, _ in kernel }
    }

    /// As in `substring(String, Int64[, Int64]) → String`.
    func signature(_ name: String) -> String {
        var text = name + "("
        var openCount = 0
        for (index, parameter) in parameters.enumerated() {
            if parameter.isOptional {
                text += "["
                openCount += 1
            }
            if index > 0 { text += ", " }
            text += parameter.isConstant ? "const \(parameter.type.name)" : parameter.type.name
            if parameter.isRepeated { text += ", …" }
        }
        return text + String(repeating: "]", count: openCount) + ") → " + result.name
    }
}

/// A parameter of an overload.
struct Parameter: Sendable {
    let type: DataType
    /// The argument must be the same for all rows.
    var isConstant = false
    /// May be left out, and all after it.
    var isOptional = false
    /// Takes any number of arguments from here on, one at least; of the last parameter only.
    var isRepeated = false

    static let boolean = Parameter(type: .boolean)
    static let integer = Parameter(type: .integer)
    static let float = Parameter(type: .float)
    static let string = Parameter(type: .string)
    static let timestamp = Parameter(type: .timestamp)
    static let date = Parameter(type: .date)
    static let json = Parameter(type: .json)
    static let strings = Parameter(type: .string, isRepeated: true)
    /// A pattern, a unit, a format.
    static let constantString = Parameter(type: .string, isConstant: true)
    static let constantInteger = Parameter(type: .integer, isConstant: true)
    static let interval = Parameter(type: .interval, isConstant: true)
    /// The name of a time zone, which may be left out for UTC.
    static let zone = Parameter(type: .string, isConstant: true, isOptional: true)

    /// The same parameter, but it may be left out.
    var optional: Parameter {
        var copy = self
        copy.isOptional = true
        return copy
    }
}

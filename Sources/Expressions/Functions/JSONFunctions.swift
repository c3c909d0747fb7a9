internal import Base

/// Values out of JSON texts, such as arrays among the properties.
///
/// A path is names of members and numbers of elements, from 1, or from the end below zero. What is
/// no JSON has no values.
enum JSONFunctions {
    static let definitions = [
        extractor(
            "json_extract_string", ["JSONExtractString", "json_value"], .string,
            "The value at a path as text; arrays and objects as JSON.",
            "json_extract_string('{\"a\":[\"x\",\"y\"]}', 'a', 2)", "y",
            .lookup { JSONText.plain($0) }),
        extractor(
            "json_extract_int", ["JSONExtractInt"], .integer,
            "The integer at a path; NULL if there is something else.",
            "json_extract_int('{\"a\":7}', 'a')", "7",
            .lookup { value in
                if case .integer(let number) = value { number } else { nil }
            }),
        extractor(
            "json_extract_float", ["JSONExtractFloat"], .float,
            "The number at a path; NULL if there is something else.",
            "json_extract_float('{\"a\":7.5}', 'a')", "7.5",
            .lookup { value in
                switch value {
                case .integer(let number): Double(number)
                case .number(let number): number
                default: nil
                }
            }),
        extractor(
            "json_extract_bool", ["JSONExtractBool"], .boolean,
            "The truth value at a path; NULL if there is something else.",
            "json_extract_bool('{\"a\":true}', 'a')", "true",
            .lookup { value in
                if case .boolean(let truth) = value { truth } else { nil }
            }),
        extractor(
            "json_extract", ["JSONExtractRaw"], .json, "The value at a path, as JSON.",
            "json_extract('{\"a\":[1, 2]}', 'a')", "[1,2]",
            .lookup { JSONText.json($0) }),
        extractor(
            "json_array_length", ["JSONLength", "arrayLength"], .integer,
            "How many elements the array at a path has, or members the object.",
            "arrayLength('[1,2,3]')", "3",
            .lookup { value in
                switch value {
                case .array(let elements): Int64(elements.count)
                case .object(let members): Int64(members.count)
                default: nil
                }
            }),
        FunctionDefinition(
            "json_exists", ["JSONHas"], .json, "Whether there is a value at a path.",
            example: "JSONHas('{\"a\":null}', 'a')", "true",
            signatures: ["json_exists(String, const String or Int64, …) → Boolean"]
        ) { (arguments, context) throws(BindingError) in
            try bind("json_exists", .boolean, arguments, context) { path in
                .map { (text: TextSlice) in value(text, path) != nil }
            }
        },
        FunctionDefinition(
            "array_contains", ["has"], .json,
            "Whether an element of a JSON array is equal to a text or number.",
            example: "has('[\"a\",\"b\"]', 'b')", "true",
            nulls: .special("NULL if an argument is NULL or the first is no array."),
            overloads: [
                Overload(
                    [.string, .string], .boolean,
                    kernel: .optional { (text: TextSlice, wanted: String) -> Bool? in
                        elements(text)?.contains { JSONText.plain($0) == wanted }
                    }),
                Overload(
                    [.string, .float], .boolean,
                    kernel: .optional { (text: TextSlice, wanted: Double) -> Bool? in
                        elements(text)?.contains { element in
                            switch element {
                            case .integer(let number): Double(number) == wanted
                            case .number(let number): number == wanted
                            default: false
                            }
                        }
                    }),
            ]),
    ]

    /// How a value is read once it is found.
    private struct Lookup: Sendable {
        let kernel: @Sendable ([Step]) -> FunctionKernel

        static func lookup<Result: KernelOutput>(
            _ read: @escaping @Sendable (JSONValue) -> Result?
        ) -> Lookup {
            Lookup { path in
                .optional { (text: TextSlice) in value(text, path).flatMap(read) }
            }
        }
    }

    /// A step of a path.
    private enum Step: Sendable {
        case member(String)
        case element(Int64)
    }

    private static func extractor(
        _ name: String, _ aliases: [String], _ type: DataType, _ summary: String,
        _ example: String, _ result: String, _ lookup: Lookup
    ) -> FunctionDefinition {
        FunctionDefinition(
            name, aliases, .json, summary, example: example, result,
            nulls: .special("NULL if an argument is NULL or there is no such value."),
            signatures: ["\(name)(String, const String or Int64, …) → \(type.name)"]
        ) { (arguments, context) throws(BindingError) in
            try bind(name, type, arguments, context, lookup.kernel)
        }
    }

    private static func bind(
        _ name: String, _ type: DataType, _ arguments: [Expression], _ context: BindingContext,
        _ kernel: ([Step]) -> FunctionKernel
    ) throws(BindingError) -> Expression {
        let signature = "\(name)(String, const String or Int64, …) → \(type.name)"
        guard let first = arguments.first, Conversion.cost(first, to: .string) != nil else {
            throw wrongArguments(name, arguments, [signature])
        }
        var path: [Step] = []
        for argument in arguments.dropFirst() {
            switch argument.constant {
            case .string(let name): path += steps(name)
            case .integer(let number): path.append(.element(number))
            case .null: return .constant(.null, type)
            default: throw wrongArguments(name, arguments, [signature])
            }
        }
        var converted = arguments
        converted[0] = try Conversion.convert(first, to: .string, context)
        if converted[0].constant == .null { return .constant(.null, type) }
        return try Folding.fold(
            .call(
                FunctionCall(name: name, arguments: converted, type: type, kernel: kernel(path))))
    }

    /// The steps of a name, or of a path such as `$.a.b[0]`, in which elements count from 0.
    private static func steps(_ name: String) -> [Step] {
        guard name == "$" || name.hasPrefix("$.") || name.hasPrefix("$[") else {
            return [.member(name)]
        }
        var steps: [Step] = []
        for part in name.dropFirst().split(separator: ".") {
            let pieces = part.split(separator: "[", omittingEmptySubsequences: false)
            if !pieces[0].isEmpty { steps.append(.member(String(pieces[0]))) }
            for piece in pieces.dropFirst() {
                let digits = piece.hasSuffix("]") ? piece.dropLast() : piece
                let number = Int64(digits)
                steps.append(number.map { .element($0 < 0 ? $0 : $0 &+ 1) } ?? .element(0))
            }
        }
        return steps
    }

    private static func value(_ text: TextSlice, _ path: [Step]) -> JSONValue? {
        guard var value = try? JSONValue.parse(Array(text)) else { return nil }
        for step in path {
            switch (step, value) {
            case (.member(let name), .object(let members)):
                guard let member = members.first(where: { $0.name == name }) else { return nil }
                value = member.value
            case (.element(let number), .array(let elements)):
                let index = number > 0 ? number - 1 : Int64(elements.count) &+ number
                guard number != 0, index >= 0, index < elements.count else { return nil }
                value = elements[Int(index)]
            default: return nil
            }
        }
        return value
    }

    private static func elements(_ text: TextSlice) -> [JSONValue]? {
        if case .array(let elements)? = value(text, []) { return elements }
        return nil
    }
}

/// JSON values as text.
enum JSONText {
    /// Strings without quotes; nil for null.
    static func plain(_ value: JSONValue) -> String? {
        switch value {
        case .null: nil
        case .boolean(let truth): truth ? "true" : "false"
        case .integer(let number): String(number)
        case .number(let number): Literal.text(number)
        case .string(let text): text
        case .array, .object: json(value)
        }
    }

    /// The value as JSON, without spaces.
    static func json(_ value: JSONValue) -> String? {
        var writer = JSONWriter()
        write(value, &writer)
        return String(decoding: writer.finish(), as: UTF8.self)
    }

    private static func write(_ value: JSONValue, _ writer: inout JSONWriter) {
        switch value {
        case .null: writer.null()
        case .boolean(let truth): writer.value(truth)
        case .integer(let number): writer.value(number)
        case .number(let number): writer.value(number)
        case .string(let text): writer.value(text)
        case .array(let elements):
            writer.beginArray()
            for element in elements { write(element, &writer) }
            writer.endArray()
        case .object(let members):
            writer.beginObject()
            for member in members {
                writer.key(member.name)
                write(member.value, &writer)
            }
            writer.endObject()
        }
    }
}

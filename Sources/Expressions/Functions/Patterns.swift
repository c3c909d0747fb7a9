internal import Base

/// LIKE and regular expressions.
///
/// Patterns are constants, compiled once for the query.
enum PatternFunctions {
    static let definitions = [
        like("like", ["~~"], false, "'/checkout/pay' LIKE '/checkout/%'"),
        like("ilike", ["~~*"], true, "'Chrome' ILIKE 'chr%'"),
        match, extract, regexpExtract, extractAny, regexpReplace,
        replacer("replaceRegexpOne", [], isAll: false, "b-n-na"),
        replacer("replaceRegexpAll", [], isAll: true, "b-n-n-"),
    ]

    private static func like(
        _ name: String, _ aliases: [String], _ ignoresCase: Bool, _ example: String
    ) -> FunctionDefinition {
        let escape = Parameter(type: .string, isConstant: true, isOptional: true)
        return FunctionDefinition(
            name, aliases, .patterns,
            "Whether the text matches a pattern, in which % stands for any characters and _ for "
                + "one\(ignoresCase ? ", in lower case both" : ""); after the escape, \\ unless "
                + "another is given, they stand for themselves.",
            example: example, "true",
            overloads: [
                Overload([.string, .constantString, escape], .boolean) {
                    (arguments, _) throws(BindingError) in
                    var escape: UInt8? = UInt8(ascii: "\\")
                    if let given = arguments.at(2)?.constantText {
                        guard given.utf8.count <= 1 else {
                            throw BindingError(
                                code: "invalid_value",
                                message: "the escape \"\(given.prefix(100))\" is not one character")
                        }
                        escape = given.utf8.first
                    }
                    let pattern = try LikePattern(
                        arguments[1].constantText ?? "", escape: escape, ignoresCase: ignoresCase)
                    return FunctionKernel(canFail: false) { operands, count in
                        let words = pattern.rows(TextReader(operands[0]), count)
                        return Vector(values: .booleans(Bitmap(words: words, count: count)))
                    }
                }
            ])
    }

    private static let match = FunctionDefinition(
        "match", ["regexp_matches", "regexp_like"], .patterns,
        "Whether a regular expression (of RE2) matches somewhere in the text.",
        example: "match('/item/42', '[0-9]+$')", "true",
        overloads: [
            Overload([.string, .constantString], .boolean) {
                (arguments, _) throws(BindingError) in
                let expression = try RegularExpression(arguments[1].constantText ?? "")
                return FunctionKernel(canFail: false) { operands, count in
                    let reader = TextReader(operands[0])
                    let bits = unsafe reader.bytes.withUnsafeBufferPointer { bytes in
                        Bitmap.make(count) { row in
                            unsafe expression.matches(
                                UnsafeBufferPointer(rebasing: bytes[reader.range(row)]))
                        }
                    }
                    return Vector(values: .booleans(bits))
                }
            }
        ])

    private static let regexpExtract = FunctionDefinition(
        "regexp_extract", ["regexpExtract"], .patterns,
        "The first match of a regular expression, or its group of that number; empty if it does "
            + "not match.",
        example: "regexp_extract('/item/42', '/([a-z]+)/([0-9]+)', 2)", "42",
        overloads: [
            Overload([.string, .constantString, .constantInteger.optional], .string) {
                (arguments, _) throws(BindingError) in
                let expression = try RegularExpression(arguments[1].constantText ?? "")
                var group: Int64 = 0
                if case .integer(let number)? = arguments.at(2)?.constant { group = number }
                guard group >= 0, group <= min(expression.groupCount, 15) else {
                    throw BindingError(
                        code: "invalid_value",
                        message: "the pattern has no group \(group), but "
                            + "\(expression.groupCount)")
                }
                return extractKernel(expression, group: Int(group))
            }
        ])

    private static let extract = FunctionDefinition(
        "extractGroup", [], .patterns,
        "The first group of a regular expression, or the match of one without groups; empty if "
            + "it does not match.",
        example: "extractGroup('/item/42', '/([0-9]+)')", "42",
        overloads: [
            Overload([.string, .constantString], .string) {
                (arguments, _) throws(BindingError) in
                let expression = try RegularExpression(arguments[1].constantText ?? "")
                return extractKernel(expression, group: min(1, expression.groupCount))
            }
        ])

    /// One name of two functions, told apart by the types.
    private static let extractAny = FunctionDefinition(
        "extract", [], .patterns,
        "`date_part` of a time, `extractGroup` of a text.",
        example: "extract('/item/42', '[0-9]+')", "42",
        signatures: [
            "extract(String, const String) → String",
            "extract(const String, DateTime64(3)[, const String]) → Int64",
        ]
    ) { (arguments, context) throws(BindingError) in
        let isOfTime =
            arguments.count >= 2
            && (arguments[1].type == .timestamp || arguments[1].type == .date)
        return try FunctionCatalog.bind(
            isOfTime ? "date_part" : "extractGroup", arguments, context)
    }

    private static func extractKernel(
        _ expression: RegularExpression, group: Int
    ) -> FunctionKernel {
        FunctionKernel(canFail: false) { operands, count in
            let reader = TextReader(operands[0])
            var table = StringTable()
            unsafe reader.bytes.withUnsafeBufferPointer { bytes in
                for row in 0..<count {
                    let text = unsafe UnsafeBufferPointer(rebasing: bytes[reader.range(row)])
                    let places = unsafe expression.find(text, from: 0, groupCount: group)
                    let place = places?[group] ?? 0..<0
                    table.append(unsafe ArraySlice(text[place]))
                }
            }
            return Vector(values: .strings(table))
        }
    }

    private static let regexpReplace = FunctionDefinition(
        "regexp_replace", ["regexpReplace"], .patterns,
        "The text with the first match of a regular expression replaced, or all with option g; "
            + "option i ignores case, and \\1 in the replacement is the first group.",
        example: "regexp_replace('2026-01', '([0-9]+)-([0-9]+)', '\\2/\\1')", "01/2026",
        overloads: [
            Overload(
                [
                    .string, .constantString, .constantString,
                    Parameter(type: .string, isConstant: true, isOptional: true),
                ], .string
            ) { (arguments, _) throws(BindingError) in
                let options = arguments.at(3)?.constantText ?? ""
                guard options.allSatisfy({ $0 == "g" || $0 == "i" }) else {
                    throw BindingError(
                        code: "invalid_value",
                        message: "the options of regexp_replace are g and i, not \"\(options)\"")
                }
                return try replaceKernel(
                    arguments, isAll: options.contains("g"), ignoresCase: options.contains("i"))
            }
        ])

    private static func replacer(
        _ name: String, _ aliases: [String], isAll: Bool, _ result: String
    ) -> FunctionDefinition {
        FunctionDefinition(
            name, aliases, .patterns,
            "The text with \(isAll ? "all matches" : "the first match") of a regular expression "
                + "replaced.",
            example: "\(name)('banana', '\(isAll ? "a" : "a(n)a")', '\(isAll ? "-" : "-\\1-")')",
            result,
            overloads: [
                Overload([.string, .constantString, .constantString], .string) {
                    (arguments, _) throws(BindingError) in
                    try replaceKernel(arguments, isAll: isAll, ignoresCase: false)
                }
            ])
    }

    private static func replaceKernel(
        _ arguments: [Expression], isAll: Bool, ignoresCase: Bool
    ) throws(BindingError) -> FunctionKernel {
        let expression = try RegularExpression(
            arguments[1].constantText ?? "", ignoresCase: ignoresCase)
        let replacement = try Replacement(
            arguments[2].constantText ?? "", groupCount: expression.groupCount)
        return FunctionKernel(canFail: false) { operands, count in
            let reader = TextReader(operands[0])
            var table = StringTable()
            var result: [UInt8] = []
            unsafe reader.bytes.withUnsafeBufferPointer { bytes in
                for row in 0..<count {
                    result.removeAll(keepingCapacity: true)
                    let text = unsafe UnsafeBufferPointer(rebasing: bytes[reader.range(row)])
                    unsafe replacement.replace(expression, text, isAll: isAll, into: &result)
                    table.append(result[...])
                }
            }
            return Vector(values: .strings(table))
        }
    }
}

/// What stands in place of a match: texts and groups.
private struct Replacement: Sendable {
    private enum Piece: Sendable {
        case literal([UInt8])
        case group(Int)
    }

    private var pieces: [Piece] = []
    private var groupCount = 0

    init(_ text: String, groupCount: Int) throws(BindingError) {
        var literal: [UInt8] = []
        var bytes = text.utf8.makeIterator()
        while let byte = bytes.next() {
            guard byte == UInt8(ascii: "\\"), let escaped = bytes.next() else {
                literal.append(byte)
                continue
            }
            let digit = Int(escaped) - Int(UInt8(ascii: "0"))
            guard (0...9).contains(digit) else {
                literal.append(escaped)
                continue
            }
            guard digit <= groupCount else {
                throw BindingError(
                    code: "invalid_value",
                    message: "the replacement names group \(digit), the pattern has \(groupCount)")
            }
            pieces.append(.literal(literal))
            literal = []
            pieces.append(.group(digit))
            self.groupCount = max(self.groupCount, digit)
        }
        pieces.append(.literal(literal))
    }

    /// Writes the text with matches replaced; a match of nothing right behind another is none.
    func replace(
        _ expression: RegularExpression, _ text: UnsafeBufferPointer<UInt8>, isAll: Bool,
        into result: inout [UInt8]
    ) {
        var place = 0
        var lastEnd = -1
        while place <= text.count,
            let groups = unsafe expression.find(text, from: place, groupCount: groupCount),
            let match = groups[0]
        {
            unsafe result.append(contentsOf: text[place..<match.lowerBound])
            place = match.upperBound
            if match.isEmpty, match.lowerBound == lastEnd {
                unsafe copyCharacter(text, &place, &result)
                continue
            }
            for piece in pieces {
                switch piece {
                case .literal(let bytes): result.append(contentsOf: bytes)
                case .group(let group):
                    if let range = groups[group] {
                        unsafe result.append(contentsOf: text[range])
                    }
                }
            }
            lastEnd = match.upperBound
            if !isAll { break }
            if match.isEmpty { unsafe copyCharacter(text, &place, &result) }
        }
        if place < text.count { unsafe result.append(contentsOf: text[place...]) }
    }

    private func copyCharacter(
        _ text: UnsafeBufferPointer<UInt8>, _ place: inout Int, _ result: inout [UInt8]
    ) {
        guard place < text.count else {
            place += 1
            return
        }
        repeat {
            unsafe result.append(text[place])
            place += 1
        } while unsafe place < text.count && text[place] & 0xC0 == 0x80
    }
}

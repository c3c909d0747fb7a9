internal import Base
internal import CKernels

/// Functions of texts.
///
/// Characters are Unicode scalars and count from 1.
enum TextFunctions {
    static let definitions =
        lengths + cases + slices + trims + searches + TextAssembly.definitions

    private static let lengths = [
        FunctionDefinition(
            "length", ["char_length", "character_length", "lengthUTF8"], .text,
            "How many characters the text has; bytes are counted by octet_length.",
            example: "length('größe')", "5",
            overloads: [
                Overload(
                    [.string], .integer,
                    kernel: .map { (text: TextSlice) in Int64(Characters.count(text)) })
            ]),
        FunctionDefinition(
            "octet_length", ["byteLength", "strlen"], .text,
            "How many bytes the text has in UTF-8.", example: "octet_length('größe')", "7",
            overloads: [
                Overload(
                    [.string], .integer, kernel: .map { (text: TextSlice) in Int64(text.count) })
            ]),
        FunctionDefinition(
            "empty", ["isEmpty"], .text, "Whether the text has no characters.",
            example: "empty('')", "true",
            overloads: [
                Overload([.string], .boolean, kernel: .map { (text: TextSlice) in text.isEmpty })
            ]),
        FunctionDefinition(
            "notEmpty", [], .text, "Whether the text has characters.", example: "notEmpty('')",
            "false",
            overloads: [
                Overload([.string], .boolean, kernel: .map { (text: TextSlice) in !text.isEmpty })
            ]),
    ]

    private static let cases = [
        FunctionDefinition(
            "lower", ["lcase", "lowerUTF8"], .text, "The text in lower case, by Unicode.",
            example: "lower('GRÖSSE')", "grösse",
            overloads: [Overload([.string], .string, kernel: cased { $0.lowercased() })]),
        FunctionDefinition(
            "upper", ["ucase", "upperUTF8"], .text, "The text in upper case, by Unicode.",
            example: "upper('größe')", "GRÖSSE",
            overloads: [Overload([.string], .string, kernel: cased { $0.uppercased() })]),
    ]

    private static func cased(
        _ convert: @escaping @Sendable (String) -> String
    ) -> FunctionKernel {
        .map { (text: String) in convert(text) }
    }

    // MARK: Parts by place

    private static let slices = [
        FunctionDefinition(
            "substring", ["substr", "mid", "substringUTF8"], .text,
            "The text from a character on, or so many characters of it; a negative start counts "
                + "from the end.",
            example: "substring('checkout', 2, 4)", "heck",
            overloads: [
                Overload(
                    [.string, .integer], .string,
                    kernel: .map { (text: TextSlice, start: Int64) in
                        substring(text, start, .max)
                    }),
                Overload(
                    [.string, .integer, .integer], .string,
                    kernel: .attempt {
                        (text: TextSlice, start: Int64, count: Int64) throws(EvaluationError) in
                        guard count >= 0 else {
                            throw EvaluationError(
                                code: "out_of_range", message: "a substring of \(count) characters")
                        }
                        return substring(text, start, count)
                    }),
            ]),
        FunctionDefinition(
            "left", [], .text,
            "The first characters, so many; all but the last ones for a negative number.",
            example: "left('checkout', 5)", "check",
            overloads: [
                Overload(
                    [.string, .integer], .string,
                    kernel: .map { (text: TextSlice, number: Int64) in
                        let count = Int64(Characters.count(text))
                        let end = number >= 0 ? min(number, count) : count + max(number, -count)
                        return Characters.slice(text, from: 0, to: Int(end))
                    })
            ]),
        FunctionDefinition(
            "right", [], .text,
            "The last characters, so many; all but the first ones for a negative number.",
            example: "right('checkout', 3)", "out",
            overloads: [
                Overload(
                    [.string, .integer], .string,
                    kernel: .map { (text: TextSlice, number: Int64) in
                        let count = Int64(Characters.count(text))
                        let start = number >= 0 ? count - min(number, count) : -max(number, -count)
                        return Characters.slice(text, from: Int(start), to: Int(count))
                    })
            ]),
        FunctionDefinition(
            "split_part", ["splitPart"], .text,
            "The part of that number between separators, from the end for a negative one; empty "
                + "if there are not as many.",
            example: "split_part('a/b/c', '/', 2)", "b",
            overloads: [
                Overload(
                    [.string, .string, .integer], .string,
                    kernel: .attempt {
                        (text: TextSlice, separator: TextSlice, number: Int64)
                            throws(EvaluationError) in
                        guard number != 0 else {
                            throw EvaluationError(
                                code: "out_of_range", message: "parts of a text count from 1")
                        }
                        return part(text, separator, number)
                    })
            ]),
    ]

    private static func substring(_ text: TextSlice, _ start: Int64, _ count: Int64) -> TextSlice {
        let length = Int64(Characters.count(text))
        var first: Int64
        var rest = count
        if start > 0 {
            first = min(start - 1, length)
        } else if start < 0 {
            first = max(length + max(start, -length), 0)
        } else {
            // The place before the first character, which takes one of the count.
            first = 0
            rest = max(0, count - 1)
        }
        let end = rest >= length - first ? length : first + rest
        return Characters.slice(text, from: Int(first), to: Int(end))
    }

    private static func part(
        _ text: TextSlice, _ separator: TextSlice, _ number: Int64
    ) -> TextSlice {
        var parts: [TextSlice] = []
        var rest = text
        while !separator.isEmpty, let found = find(separator, in: rest) {
            parts.append(rest[..<found])
            rest = rest[(found + separator.count)...]
        }
        parts.append(rest)
        let index = number > 0 ? number - 1 : Int64(parts.count) + max(number, -1 << 32)
        return index >= 0 && index < parts.count ? parts[Int(index)] : []
    }

    // MARK: Trimming

    private static let trims = [
        trim("trim", ["btrim", "trimBoth"], "both ends", true, true, "trim('xyzx', 'x')", "yz"),
        trim("ltrim", ["trimLeft"], "the start", true, false, "ltrim('  a ')", "a "),
        trim("rtrim", ["trimRight"], "the end", false, true, "rtrim(' a  ')", " a"),
    ]

    private static func trim(
        _ name: String, _ aliases: [String], _ place: String, _ atStart: Bool, _ atEnd: Bool,
        _ example: String, _ result: String
    ) -> FunctionDefinition {
        FunctionDefinition(
            name, aliases, .text,
            "The text without the spaces at \(place), or without the given characters there.",
            example: example, result,
            overloads: [
                Overload(
                    [.string], .string,
                    kernel: .map { (text: TextSlice) in
                        trimmed(text, [[0x20]], atStart, atEnd)
                    }),
                Overload(
                    [.string, .string], .string,
                    kernel: .map { (text: TextSlice, characters: TextSlice) in
                        trimmed(text, Set(Characters.split(characters)), atStart, atEnd)
                    }),
            ])
    }

    private static func trimmed(
        _ text: TextSlice, _ set: Set<TextSlice>, _ atStart: Bool, _ atEnd: Bool
    ) -> TextSlice {
        var characters = Characters.split(text)[...]
        while atStart, let first = characters.first, set.contains(first) {
            characters.removeFirst()
        }
        while atEnd, let last = characters.last, set.contains(last) { characters.removeLast() }
        guard let first = characters.first, let last = characters.last else { return [] }
        return text[first.startIndex..<last.endIndex]
    }

    // MARK: Searching

    private static let searches = [
        FunctionDefinition(
            "position", ["strpos", "instr"], .text,
            "The character at which the second text first occurs in the first; 0 if it does not.",
            example: "position('checkout', 'out')", "6",
            overloads: [
                Overload(
                    [.string, .string], .integer,
                    kernel: .map { (text: TextSlice, part: TextSlice) -> Int64 in
                        guard let place = find(part, in: text) else { return 0 }
                        return Int64(Characters.count(text[..<place]) + 1)
                    })
            ]),
        FunctionDefinition(
            "startsWith", ["starts_with", "prefix"], .text,
            "Whether the first text begins with the second.",
            example: "startsWith('/checkout', '/check')", "true",
            overloads: [
                Overload(
                    [.string, .string], .boolean,
                    kernel: .map { (text: TextSlice, part: TextSlice) in text.starts(with: part) })
            ]),
        FunctionDefinition(
            "endsWith", ["ends_with", "suffix"], .text,
            "Whether the first text ends with the second.",
            example: "endsWith('/checkout', 'out')", "true",
            overloads: [
                Overload(
                    [.string, .string], .boolean,
                    kernel: .map { (text: TextSlice, part: TextSlice) in
                        text.count >= part.count && text.suffix(part.count) == part
                    })
            ]),
        FunctionDefinition(
            "contains", [], .text, "Whether the second text occurs in the first.",
            example: "contains('/checkout', 'eck')", "true",
            overloads: [
                Overload(
                    [.string, .string], .boolean,
                    kernel: .map { (text: TextSlice, part: TextSlice) in
                        find(part, in: text) != nil
                    })
            ]),
    ]

    /// The index at which a part first occurs; linear in both.
    static func find(_ part: TextSlice, in text: TextSlice) -> Int? {
        let place = unsafe text.withUnsafeBufferPointer { bytes in
            unsafe part.withUnsafeBufferPointer { part in
                unsafe weir_find_bytes(
                    bytes.baseAddress, bytes.count, part.baseAddress, part.count)
            }
        }
        return place < 0 ? nil : text.startIndex + place
    }
}

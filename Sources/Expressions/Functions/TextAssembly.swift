internal import Base

/// Functions that make longer texts of others.
enum TextAssembly {
    /// No function makes a longer text than this.
    private static let bytesMax = 1 << 20

    static let definitions = [
        concat, concatWithSeparator,
        FunctionDefinition(
            "replace", ["replaceAll"], .text,
            "The text with every occurrence of the second replaced by the third.",
            example: "replace('a-b-c', '-', '+')", "a+b+c",
            overloads: [
                Overload(
                    [.string, .string, .string], .string,
                    kernel: .attempt {
                        (text: TextSlice, part: TextSlice, new: TextSlice)
                            throws(EvaluationError) in
                        try replaced(text, part, new)
                    })
            ]),
        FunctionDefinition(
            "reverse", [], .text, "The characters in the opposite order.",
            example: "reverse('abc')", "cba",
            overloads: [
                Overload(
                    [.string], .string,
                    kernel: .map { (text: TextSlice) -> TextSlice in
                        Characters.split(text).reversed().reduce(into: []) { $0 += $1 }
                    })
            ]),
        FunctionDefinition(
            "repeat", [], .text, "The text so many times.", example: "repeat('ab', 3)", "ababab",
            overloads: [
                Overload(
                    [.string, .integer], .string,
                    kernel: .attempt {
                        (text: TextSlice, count: Int64) throws(EvaluationError) -> TextSlice in
                        let times = text.isEmpty ? 0 : max(0, min(count, Int64(bytesMax) + 1))
                        try check(Int64(text.count) * times)
                        return Array(repeatElement(text, count: Int(times)).joined())[...]
                    })
            ]),
        pad("lpad", "before", "lpad('7', 3, '0')", "007") { $1 + $0 },
        pad("rpad", "behind", "rpad('a', 3, '.')", "a..") { $0 + $1 },
        FunctionDefinition(
            "ascii", ["unicode", "ord"], .text,
            "The code of the first character; 0 for an empty text.", example: "ascii('A')", "65",
            overloads: [
                Overload(
                    [.string], .integer,
                    kernel: .map { (text: String) -> Int64 in
                        Int64(text.unicodeScalars.first?.value ?? 0)
                    })
            ]),
        FunctionDefinition(
            "chr", ["char"], .text, "The character of a code.", example: "chr(65)", "A",
            overloads: [
                Overload(
                    [.integer], .string,
                    kernel: .attempt { (code: Int64) throws(EvaluationError) -> String in
                        guard let value = UInt32(exactly: code),
                            let scalar = Unicode.Scalar(value)
                        else {
                            throw EvaluationError(
                                code: "out_of_range", message: "there is no character \(code)")
                        }
                        return String(Character(scalar))
                    })
            ]),
    ]

    private static let concat = FunctionDefinition(
        "concat", ["||"], .text, "The texts one behind the other; other values as text.",
        example: "'/item/' || 42", "/item/42", signatures: ["concat(any, …) → String"]
    ) { (arguments, context) throws(BindingError) in
        let operands = try texts("concat", arguments, context)
        if operands.contains(where: { $0.constant == .null }) { return .constant(.null, .string) }
        let kernel = FunctionKernel { (operands, count) throws(EvaluationError) -> Vector in
            try concatenated(operands.map { TextReader($0) }, count)
        }
        return try Folding.fold(
            .call(
                FunctionCall(name: "concat", arguments: operands, type: .string, kernel: kernel)))
    }

    private static let concatWithSeparator = FunctionDefinition(
        "concat_ws", ["concatWithSeparator"], .text,
        "The texts behind the first, with the first between them.",
        example: "concat_ws(', ', 'a', NULL, 'b')", "a, b",
        nulls: .special("NULL if the separator is NULL; other NULLs are left out."),
        signatures: ["concat_ws(String, any, …) → String"]
    ) { (arguments, context) throws(BindingError) in
        let operands = try texts("concat_ws", arguments, context)
        if operands[0].constant == .null { return .constant(.null, .string) }
        let kernel = FunctionKernel(propagatesNull: false) {
            (operands, count) throws(EvaluationError) -> Vector in
            try joined(operands, count)
        }
        return try Folding.fold(
            .call(
                FunctionCall(
                    name: "concat_ws", arguments: operands, type: .string, kernel: kernel)))
    }

    private static func concatenated(
        _ readers: [TextReader], _ count: Int
    ) throws(EvaluationError) -> Vector {
        var lengths = [Int](repeating: 0, count: count)
        for reader in readers {
            for row in lengths.indices { lengths[row] &+= reader.range(row).count }
        }
        var offsets: [UInt32] = [0]
        offsets.reserveCapacity(count + 1)
        var end = 0
        for length in lengths {
            try check(Int64(length))
            end += length
            try checkBatch(end)
            offsets.append(UInt32(truncatingIfNeeded: end))
        }
        var bytes = [UInt8](repeating: 0, count: end)
        // Where the next text of each row goes.
        var places = offsets
        for reader in readers { reader.write(count, into: &bytes, at: &places) }
        return Vector(values: .strings(StringTable(offsets: offsets, bytes: bytes)))
    }

    private static func joined(
        _ operands: [Operand], _ count: Int
    ) throws(EvaluationError) -> Vector {
        let readers = operands.map { TextReader($0) }
        let presences = operands.map { operand -> Bitmap? in
            switch operand {
            case .vector(let vector): vector.presence
            case .constant(let value): value == .null ? Bitmap(count: count) : nil
            }
        }
        var table = StringTable()
        for row in 0..<count {
            var isFirst = true
            if presences[0]?[row] ?? true {
                for index in 1..<readers.count where presences[index]?[row] ?? true {
                    if !isFirst { table.bytes += readers[0].slice(row) }
                    table.bytes += readers[index].slice(row)
                    isFirst = false
                }
            }
            try finish(&table)
        }
        return Vector(values: .strings(table), validity: presences[0])
    }

    /// Ends an entry whose bytes were appended.
    private static func finish(_ table: inout StringTable) throws(EvaluationError) {
        let start = Int(table.offsets[table.count])
        try check(Int64(table.bytes.count - start))
        try checkBatch(table.bytes.count)
        table.offsets.append(UInt32(truncatingIfNeeded: table.bytes.count))
    }

    private static func checkBatch(_ byteCount: Int) throws(EvaluationError) {
        guard byteCount <= UInt32.max else {
            throw EvaluationError(
                code: "query_limit", message: "the texts of one batch are longer than 4 GiB")
        }
    }

    private static func texts(
        _ name: String, _ arguments: [Expression], _ context: BindingContext
    ) throws(BindingError) -> [Expression] {
        guard !arguments.isEmpty,
            arguments.allSatisfy({ $0.type != .interval && $0.type != .state })
        else { throw wrongArguments(name, arguments, ["\(name)(any, …) → String"]) }
        var texts: [Expression] = []
        for argument in arguments {
            texts.append(try Casts.cast(argument, to: .string, isTry: false, context))
        }
        return texts
    }

    private static func check(_ byteCount: Int64) throws(EvaluationError) {
        guard byteCount <= bytesMax else {
            throw EvaluationError(
                code: "query_limit", message: "a text would be longer than \(bytesMax) bytes")
        }
    }

    private static func replaced(
        _ text: TextSlice, _ part: TextSlice, _ new: TextSlice
    ) throws(EvaluationError) -> TextSlice {
        if part.isEmpty { return text }
        var result: TextSlice = []
        var rest = text
        while let found = TextFunctions.find(part, in: rest) {
            result += rest[..<found]
            result += new
            rest = rest[(found + part.count)...]
            try check(Int64(result.count))
        }
        return result + rest
    }

    private static func pad(
        _ name: String, _ place: String, _ example: String, _ result: String,
        _ join: @escaping @Sendable (TextSlice, TextSlice) -> TextSlice
    ) -> FunctionDefinition {
        FunctionDefinition(
            name, [], .text,
            "The text with so many characters of the third, or spaces, \(place) it that it has "
                + "that many in all; a longer one is cut.",
            example: example, result,
            overloads: [
                Overload(
                    [.string, .integer], .string,
                    kernel: .attempt { (text: TextSlice, count: Int64) throws(EvaluationError) in
                        try padded(text, count, [0x20], join)
                    }),
                Overload(
                    [.string, .integer, .string], .string,
                    kernel: .attempt {
                        (text: TextSlice, count: Int64, fill: TextSlice) throws(EvaluationError)
                        in
                        try padded(text, count, fill, join)
                    }),
            ])
    }

    private static func padded(
        _ text: TextSlice, _ count: Int64, _ fill: TextSlice,
        _ join: (TextSlice, TextSlice) -> TextSlice
    ) throws(EvaluationError) -> TextSlice {
        let length = Int64(Characters.count(text))
        if count <= length { return Characters.slice(text, from: 0, to: Int(max(0, count))) }
        let characters = Characters.split(fill)
        if characters.isEmpty { return text }
        try check(count)
        var padding: TextSlice = []
        for index in 0..<Int(count - length) { padding += characters[index % characters.count] }
        try check(Int64(padding.count))
        return join(text, padding)
    }
}

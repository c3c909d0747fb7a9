internal import Base

extension Vector {
    /// The values as text.
    ///
    /// Numbers in their shortest form (75.0 is `75`), truth as `true` and `false`, times in
    /// RFC 3339. Nulls stay null; text, JSON and states keep their bytes.
    package func castToText() -> Vector {
        switch values {
        case .codes, .strings:
            return Vector(type: .string, values: values, validity: validity)
        case .integers(let numbers) where type == .timestamp:
            return text(numbers.map { CivilTime($0).text })
        case .integers(let numbers):
            return text(numbers.map { String($0) })
        case .floats(let numbers):
            return text(numbers.map(Literal.text))
        case .booleans(let bits):
            return text((0..<bits.count).map { bits[$0] ? "true" : "false" })
        }
    }

    private func text(_ texts: [String]) -> Vector {
        var table = StringTable()
        for (row, text) in texts.enumerated() {
            table.append(validity?[row] ?? true ? text : "")
        }
        return Vector(type: .string, values: .strings(table), validity: validity)
    }
}

package import Base

/// A condition on one value.
///
/// Two-valued: a null is met by `isNull` alone, and by every `not` of
/// what it does not meet.
///
/// Text `75` equals the number 75: a constant equals a value if their texts are equal, except that
/// times are compared as instants.
package indirect enum Predicate: Sendable, Equatable {
    case isNull
    /// Equal to one of the constants.
    case oneOf([Literal])
    /// Text that begins with this, compared by bytes.
    case prefix(String)
    /// Text that contains this, compared by bytes.
    case contains(String)
    /// Integers and times within bounds.
    case range(ClosedRange<Int64>)
    case not(Predicate)
    case any([Predicate])

    /// Whether each code of a dictionary meets the condition; index 0 is null.
    ///
    /// Costs the dictionary's bytes, once, however many rows have its codes.
    package func codeMatches(_ dictionary: StringTable) -> [Bool] {
        switch self {
        case .isNull:
            return [true] + [Bool](repeating: false, count: dictionary.count)
        case .oneOf(let literals):
            let texts = literals.map { Array($0.text.utf8) }
            return [false] + equalEntries(dictionary, texts)
        case .prefix(let text):
            let prefix = Array(text.utf8)
            return entryMatches(dictionary) { $0.starts(with: prefix) }
        case .contains(let text):
            let part = Array(text.utf8)
            return entryMatches(dictionary) { Expressions.contains($0, part) }
        case .range:
            return [Bool](repeating: false, count: dictionary.count + 1)
        case .not(let inner):
            return inner.codeMatches(dictionary).map { !$0 }
        case .any(let parts):
            var matches = [Bool](repeating: false, count: dictionary.count + 1)
            for part in parts {
                for (code, match) in part.codeMatches(dictionary).enumerated() where match {
                    matches[code] = true
                }
            }
            return matches
        }
    }

    private func entryMatches(
        _ dictionary: StringTable, _ matches: (ArraySlice<UInt8>) -> Bool
    ) -> [Bool] {
        [false] + (0..<dictionary.count).map { matches(dictionary.bytes(at: $0)) }
    }
}

/// Whether each entry is equal to one of the texts.
///
/// The bytes are compared from behind: values of one dimension often begin alike.
private func equalEntries(_ dictionary: StringTable, _ texts: [[UInt8]]) -> [Bool] {
    var matches = [Bool](repeating: false, count: dictionary.count)
    let bytes = dictionary.bytes.span
    let offsets = dictionary.offsets.span
    for text in texts {
        let wanted = text.span
        for entry in matches.indices {
            let start = Int(offsets[entry])
            if Int(offsets[entry + 1]) - start != wanted.count { continue }
            var index = wanted.count - 1
            while index >= 0, bytes[start + index] == wanted[index] { index -= 1 }
            if index < 0 { matches[entry] = true }
        }
    }
    return matches
}

/// Whether `part` occurs in `text`; the empty one does in all.
private func contains(_ text: ArraySlice<UInt8>, _ part: [UInt8]) -> Bool {
    guard let first = part.first else { return true }
    guard text.count >= part.count else { return false }
    var start = text.startIndex
    let lastStart = text.endIndex - part.count
    while start <= lastStart {
        if text[start] == first, text[start..<start + part.count].elementsEqual(part) {
            return true
        }
        start += 1
    }
    return false
}

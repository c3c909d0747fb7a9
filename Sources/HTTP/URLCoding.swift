/// The form coding of URLs: pure functions over bytes.
package enum URLCoding {
    /// One `name=value` of a query.
    package struct Parameter: Sendable, Equatable {
        /// The decoded name.
        package var name: String
        /// The decoded value; empty where there is no `=`.
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// Replaces `%XX` by the byte it names, and `+` by a space if `plusIsSpace`; nil if a `%` is
    /// not followed by two hexadecimal digits or the result is not UTF-8.
    package static func decode(_ text: some Collection<UInt8>, plusIsSpace: Bool) -> String? {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(text.count)
        var iterator = text.makeIterator()
        while let byte = iterator.next() {
            if byte == UInt8(ascii: "%") {
                guard let high = iterator.next().flatMap(hexValue),
                    let low = iterator.next().flatMap(hexValue)
                else { return nil }
                decoded.append(high << 4 | low)
            } else {
                decoded.append(byte == UInt8(ascii: "+") && plusIsSpace ? 0x20 : byte)
            }
        }
        return String(validating: decoded, as: UTF8.self)
    }

    /// The parameters of a query in their order, repeated names included; nil if one is badly
    /// encoded.
    ///
    /// Empty pieces (`a=1&&b=2`) are skipped; a name without `=` has the value "".
    package static func parameters(_ query: String) -> [Parameter]? {
        var parameters: [Parameter] = []
        for piece in query.utf8.split(separator: UInt8(ascii: "&")) {
            let equals = piece.firstIndex(of: UInt8(ascii: "="))
            let nameBytes = piece[..<(equals ?? piece.endIndex)]
            let valueBytes =
                equals.map { piece[piece.index(after: $0)...] } ?? piece[..<piece.startIndex]
            guard let name = decode(nameBytes, plusIsSpace: true),
                let value = decode(valueBytes, plusIsSpace: true)
            else { return nil }
            parameters.append(Parameter(name, value))
        }
        return parameters
    }

    private static func hexValue(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

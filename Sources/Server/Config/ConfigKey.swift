internal import Base
internal import HTTP

/// One key of the configuration: its name, type, meaning, and the field that it sets.
///
/// The flag, the variable, `--help` and the reference in the documentation are made from this.
package struct ConfigKey: Sendable {
    /// The name in the file: `ingest.maxAge` stands for `{ingest: {maxAge: …}}`.
    package let name: String
    /// What a value looks like.
    package let type: String
    /// One sentence for `--help` and the reference.
    package let meaning: String
    let isFlag: Bool
    /// Reads a value into the field, or says what was expected.
    let set: @Sendable (inout ServerConfig, JSON5) -> Problem?
    /// The value of the field as it would be written.
    let text: @Sendable (ServerConfig) -> String

    /// What was expected of a value.
    struct Problem: Error { var expected: String }

    /// The default, as it would be written.
    package var standard: String { text(ServerConfig()) }

    /// `ingest-max-age`, without the dashes in front.
    package var flag: String { words.joined(separator: "-") }

    /// `WEIR_INGEST_MAX_AGE`.
    package var variable: String { "WEIR_" + words.joined(separator: "_").uppercased() }

    /// The words of the name: `ingest.maxAge` has `ingest`, `max` and `age`.
    ///
    /// A run of capitals is one word.
    private var words: [String] {
        var words = [""]
        var previous: Character = "A"
        for letter in name {
            if letter == "." || letter.isUppercase && !previous.isUppercase { words.append("") }
            if letter != "." { words[words.count - 1] += letter.lowercased() }
            previous = letter
        }
        return words
    }
}

// MARK: Types of values

extension ConfigKey {
    typealias Field<Value> = WritableKeyPath<ServerConfig, Value> & Sendable

    /// A key whose values are read by `read` and written by `write`.
    private static func key<Value>(
        _ name: String, _ type: String, _ field: any Field<Value>, _ meaning: String,
        isFlag: Bool = false, write: @escaping @Sendable (Value) -> String,
        read: @escaping @Sendable (JSON5) -> Value?
    ) -> ConfigKey {
        ConfigKey(
            name: name, type: type, meaning: meaning, isFlag: isFlag,
            set: { config, value in
                guard let read = read(value) else { return Problem(expected: type) }
                config[keyPath: field] = read
                return nil
            }, text: { write($0[keyPath: field]) })
    }

    static func text(_ name: String, _ field: any Field<String>, _ meaning: String) -> ConfigKey {
        key(name, "text", field, meaning, write: { $0 }) { value in
            value.scalarText.flatMap { $0.isEmpty ? nil : $0 }
        }
    }

    static func truth(_ name: String, _ field: any Field<Bool>, _ meaning: String) -> ConfigKey {
        key(name, "true or false", field, meaning, isFlag: true, write: { "\($0)" }) { value in
            if case .boolean(let truth) = value.content { return truth }
            return value.scalarText.flatMap { Bool($0) }
        }
    }

    static func whole(
        _ name: String, _ field: any Field<Int64>, _ range: ClosedRange<Int64>, _ meaning: String
    ) -> ConfigKey {
        let type = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        return key(name, type, field, meaning, write: { "\($0)" }) { value in
            value.scalarText.flatMap(Quantities.whole).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    static func bytes(
        _ name: String, _ field: any Field<Int64>, _ range: ClosedRange<Int64>, _ meaning: String
    ) -> ConfigKey {
        let bounds =
            "\(Quantities.text(bytes: range.lowerBound)) to "
            + "\(Quantities.text(bytes: range.upperBound))"
        return key(
            name, "a size such as 64MiB, from \(bounds)", field, meaning,
            write: Quantities.text(bytes:)
        ) { value in
            value.scalarText.flatMap(Quantities.bytes).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    static func duration(
        _ name: String, _ field: any Field<Milliseconds>, _ range: ClosedRange<Milliseconds>,
        _ meaning: String
    ) -> ConfigKey {
        let bounds =
            "\(Quantities.text(duration: range.lowerBound)) to "
            + "\(Quantities.text(duration: range.upperBound))"
        return key(
            name, "a duration such as 10s, from \(bounds)", field, meaning,
            write: Quantities.text(duration:)
        ) { value in
            value.scalarText.flatMap(Quantities.duration).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// A duration that may be `forever`, which is nil.
    static func age(_ name: String, _ field: any Field<Milliseconds?>, _ meaning: String)
        -> ConfigKey
    {
        key(
            name, "a duration such as 400d, or forever", field, meaning,
            write: { $0.map(Quantities.text(duration:)) ?? "forever" }
        ) { value -> Milliseconds?? in
            guard let text = value.scalarText else { return nil }
            if text == "forever" { return .some(nil) }
            return Quantities.duration(text).map { .some($0) }
        }
    }

    static func choice<Value: RawRepresentable<String> & CaseIterable & Sendable>(
        _ name: String, _ field: any Field<Value>, _ meaning: String
    ) -> ConfigKey {
        let names = Value.allCases.map(\.rawValue)
        let type = names.dropLast().joined(separator: ", ") + " or " + (names.last ?? "")
        return key(name, type, field, meaning, write: \.rawValue) { value in
            value.scalarText.flatMap(Value.init(rawValue:))
        }
    }

    static func list(_ name: String, _ field: any Field<[String]>, _ meaning: String) -> ConfigKey {
        key(
            name, "a list of texts, or one text with commas", field, meaning,
            write: { $0.isEmpty ? "none" : $0.joined(separator: ",") }
        ) { value in
            if case .array(let elements) = value.content {
                let texts = elements.compactMap(\.scalarText)
                return texts.count == elements.count ? texts : nil
            }
            return value.scalarText.map { text in
                text.split(separator: ",").map { String($0.trimmingBlanks) }
            }
        }
    }

    static func address(
        _ name: String, _ field: any Field<ListenAddress>, _ meaning: String
    ) -> ConfigKey {
        key(
            name, "HOST:PORT with an IP address or localhost", field, meaning,
            write: \.description
        ) { value in value.scalarText.flatMap(ListenAddress.init) }
    }
}

extension JSON5 {
    /// The text of a string or a number: flags and variables know no other types.
    fileprivate var scalarText: String? {
        switch content {
        case .string(let text), .number(let text): text
        default: nil
        }
    }
}

extension Substring {
    fileprivate var trimmingBlanks: Substring {
        let start = drop { $0 == " " }
        let end = start.lastIndex { $0 != " " }
        return end.map { start[...$0] } ?? start
    }
}

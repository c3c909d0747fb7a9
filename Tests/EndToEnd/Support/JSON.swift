import Foundation

/// A JSON value that tests can walk without unwrapping: what is not there is `null`.
struct JSON: CustomStringConvertible, Equatable {
    private let value: Any?

    init(_ bytes: [UInt8]) {
        value = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
    }

    /// Whether two are the same value, in whatever order their members stand.
    static func == (left: JSON, right: JSON) -> Bool {
        (left.value is [Any]) == (right.value is [Any])
            && left.array == right.array && left.names == right.names
            && left.names.allSatisfy { left[$0] == right[$0] }
            && left.string == right.string && left.double == right.double
            && left.isNull == right.isNull
    }

    private init(value: Any?) { self.value = value is NSNull ? nil : value }

    subscript(name: String) -> JSON { JSON(value: (value as? [String: Any])?[name]) }

    subscript(index: Int) -> JSON {
        let array = value as? [Any] ?? []
        return JSON(value: index < array.count ? array[index] : nil)
    }

    var array: [JSON] { (value as? [Any] ?? []).map { JSON(value: $0) } }
    var names: [String] { (value as? [String: Any] ?? [:]).keys.sorted() }
    var string: String? { value as? String }
    var int: Int? { (value as? NSNumber)?.intValue }
    var double: Double? { (value as? NSNumber)?.doubleValue }
    var isNull: Bool { value == nil }
    var description: String { value.map { "\($0)" } ?? "null" }
}

internal import CRe2

/// A compiled regular expression: linear in the text, whatever the pattern.
///
/// SAFETY: the expression is not changed after it was made, and freed with the last reference.
@safe
final class RegularExpression: Sendable {
    /// What a pattern may take, compiled and while it searches.
    private static let memoryMax: Int64 = 16 << 20
    /// Longer patterns are refused before they are compiled.
    private static let patternBytesMax = 1 << 16

    private nonisolated(unsafe) let handle: OpaquePointer

    /// Compiles a pattern; an error says what is wrong with it.
    init(
        _ pattern: String, ignoresCase: Bool = false, dotIsNewlineToo: Bool = false
    ) throws(BindingError) {
        var reason = "it is longer than \(Self.patternBytesMax) bytes"
        let bytes = Array(pattern.utf8)
        if bytes.count <= Self.patternBytesMax {
            var message = [CChar](repeating: 0, count: 256)
            let compiled = unsafe regular_expression_compile(
                bytes, bytes.count, ignoresCase, dotIsNewlineToo, Self.memoryMax, &message,
                message.count)
            if let compiled = unsafe compiled {
                unsafe handle = compiled
                return
            }
            let text = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            reason = String(decoding: text, as: UTF8.self)
        }
        throw BindingError(
            code: "invalid_value",
            message: "\"\(pattern.prefix(100))\" is no regular expression: \(reason)")
    }

    deinit { unsafe regular_expression_free(handle) }

    /// How many groups in parentheses there are.
    var groupCount: Int { unsafe Int(regular_expression_group_count(handle)) }

    /// Whether it matches somewhere in the text.
    func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        unsafe regular_expression_matches(handle, text.baseAddress, text.count)
    }

    /// The places of the first match from an offset on, and of its groups; nil if there is none.
    ///
    /// The first range is the match; a group that is not in it has none.
    func find(
        _ text: UnsafeBufferPointer<UInt8>, from start: Int, groupCount: Int
    ) -> [Range<Int>?]? {
        let count = min(groupCount, 15) + 1
        var places = [Int64](repeating: -1, count: count * 2)
        guard
            unsafe regular_expression_find(
                handle, text.baseAddress, text.count, start, &places, count)
        else { return nil }
        return (0..<count).map { group in
            let first = Int(places[2 * group])
            return first < 0 ? nil : first..<Int(places[2 * group + 1])
        }
    }
}

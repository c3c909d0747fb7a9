/// Writes JSON text into a byte array: commas are placed by the writer, strings are escaped.
///
/// The caller opens and closes what it writes in the right order; `finish` checks that all is
/// closed. Objects take `key` and then one value, or `field`, which is both.
package struct JSONWriter: Sendable {
    /// The text so far; whole JSON only once everything opened is closed.
    package private(set) var bytes: [UInt8]
    private var depth = 0
    private var needsComma = false

    /// A writer whose first `capacity` bytes need no further allocation.
    package init(reserving capacity: Int = 0) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// How many bytes are written so far.
    package var count: Int { bytes.count }

    /// Hands over the text; everything opened must be closed.
    package consuming func finish() -> [UInt8] {
        invariant(depth == 0, "\(depth) objects or arrays are still open")
        return bytes
    }

    /// Opens an object.
    package mutating func beginObject() { open(UInt8(ascii: "{")) }

    /// Closes the innermost object.
    package mutating func endObject() { close(UInt8(ascii: "}")) }

    /// Opens an array.
    package mutating func beginArray() { open(UInt8(ascii: "[")) }

    /// Closes the innermost array.
    package mutating func endArray() { close(UInt8(ascii: "]")) }

    /// Writes the name of a member; its value comes next.
    package mutating func key(_ name: String) {
        separate()
        appendQuoted(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Writes a string.
    package mutating func value(_ string: String) {
        separate()
        appendQuoted(string)
    }

    /// Writes a string given as valid UTF-8.
    package mutating func value(utf8 string: ArraySlice<UInt8>) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        unsafe string.withUnsafeBytes { unsafe appendEscaped($0) }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Writes an integer.
    package mutating func value(_ number: some FixedWidthInteger) {
        separate()
        appendDigits(number)
    }

    /// Writes the shortest text that reads back as the same number; JSON has no word for NaN and
    /// the infinities, so they become `null`.
    ///
    /// Integral values lose their `.0`.
    package mutating func value(_ number: Double) {
        separate()
        if !number.isFinite {
            bytes.append(contentsOf: "null".utf8)
        } else if let integer = Int64(exactly: number), integer.magnitude < 1 << 53 {
            appendDigits(integer)
        } else {
            bytes.append(contentsOf: number.description.utf8)
        }
    }

    /// Writes `true` or `false`.
    package mutating func value(_ truth: Bool) {
        separate()
        bytes.append(contentsOf: (truth ? "true" : "false").utf8)
    }

    /// Writes `null`.
    package mutating func null() {
        separate()
        bytes.append(contentsOf: "null".utf8)
    }

    /// Writes text that is one JSON value already.
    package mutating func raw(_ json: [UInt8]) {
        separate()
        bytes.append(contentsOf: json)
    }

    /// Writes a member with a string.
    package mutating func field(_ name: String, _ string: String) {
        key(name)
        value(string)
    }

    /// Writes a member with a string, or `null`.
    package mutating func field(_ name: String, _ string: String?) {
        key(name)
        if let string { value(string) } else { null() }
    }

    /// Writes a member with an integer.
    package mutating func field(_ name: String, _ number: some FixedWidthInteger) {
        key(name)
        value(number)
    }

    /// Writes a member with a number.
    package mutating func field(_ name: String, _ number: Double) {
        key(name)
        value(number)
    }

    /// Writes a member with a truth value.
    package mutating func field(_ name: String, _ truth: Bool) {
        key(name)
        value(truth)
    }

    /// Writes a member with an array of strings.
    package mutating func field(_ name: String, _ strings: [String]) {
        key(name)
        beginArray()
        for string in strings { value(string) }
        endArray()
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        depth += 1
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        invariant(depth > 0, "closing what was not opened")
        bytes.append(bracket)
        depth -= 1
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    private mutating func appendQuoted(_ string: String) {
        bytes.append(UInt8(ascii: "\""))
        var copy = string
        copy.withUTF8 { unsafe appendEscaped(UnsafeRawBufferPointer($0)) }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Copies runs that need no escape in one piece; most strings are one run.
    private mutating func appendEscaped(_ text: UnsafeRawBufferPointer) {
        var runStart = 0
        for index in 0..<text.count {
            let byte = unsafe text[index]
            guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else {
                continue
            }
            unsafe bytes.append(contentsOf: text[runStart..<index])
            runStart = index + 1
            appendEscape(of: byte)
        }
        unsafe bytes.append(contentsOf: text[runStart..<text.count])
    }

    private mutating func appendEscape(of byte: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        default:
            bytes.append(contentsOf: "u00".utf8)
            bytes.append(byte < 0x10 ? UInt8(ascii: "0") : UInt8(ascii: "1"))
            let low = byte & 0xF
            bytes.append(low < 10 ? UInt8(ascii: "0") + low : UInt8(ascii: "a") + low - 10)
        }
    }

    private mutating func appendDigits(_ number: some FixedWidthInteger) {
        if number < 0 { bytes.append(UInt8(ascii: "-")) }
        let start = bytes.count
        var rest = UInt64(number.magnitude)
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest != 0
        bytes[start...].reverse()
    }
}

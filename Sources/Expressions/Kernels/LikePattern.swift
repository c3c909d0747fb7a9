internal import CKernels

/// A pattern of LIKE, taken apart once: `%` stands for any characters, `_` for one.
///
/// 1. The pattern is cut at each `%` (runs of them are one) into pieces.
/// 2. The first piece must stand at the start of a text, the last at its end, and the others
///    between them in their order, each as far to the left as it goes: if that fails, all does.
/// 3. A piece of bytes only is searched for in linear time. Where a piece in the middle has a `_`,
///    the pattern becomes a regular expression, which is linear too.
struct LikePattern: Sendable {
    /// What a piece is made of: a byte, or nil for any one character.
    private typealias Piece = [UInt8?]

    private var head: Piece = []
    private var middle: [[UInt8]] = []
    /// Nil if there is no `%`: then the head is all.
    private var tail: Piece?
    private var expression: RegularExpression?
    private var ignoresCase: Bool

    /// Takes a pattern apart; after the escape a `%` or `_` stands for itself.
    init(_ pattern: String, escape: UInt8?, ignoresCase: Bool) throws(BindingError) {
        self.ignoresCase = ignoresCase
        let text = ignoresCase ? pattern.lowercased() : pattern
        var pieces: [Piece] = [[]]
        var bytes = text.utf8.makeIterator()
        while let byte = bytes.next() {
            switch byte {
            case escape:
                guard let escaped = bytes.next() else {
                    throw BindingError(
                        code: "invalid_value",
                        message: "the pattern \"\(pattern.prefix(100))\" ends with its escape")
                }
                pieces[pieces.count - 1].append(escaped)
            case UInt8(ascii: "_"): pieces[pieces.count - 1].append(nil)
            case UInt8(ascii: "%"):
                if pieces.count == 1 || !(pieces.last?.isEmpty ?? true) { pieces.append([]) }
            default: pieces[pieces.count - 1].append(byte)
            }
        }
        head = pieces[0]
        guard pieces.count > 1 else { return }
        tail = pieces[pieces.count - 1]
        let inner = pieces[1..<pieces.count - 1]
        if inner.contains(where: { $0.contains(nil) }) {
            expression = try RegularExpression(Self.expression(pieces), dotIsNewlineToo: true)
        }
        middle = inner.map { $0.compactMap(\.self) }
    }

    private static func expression(_ pieces: [Piece]) -> String {
        let parts = pieces.map { piece -> String in
            // Bytes between wildcards are whole characters, for the pattern is UTF-8.
            piece.split(separator: nil, omittingEmptySubsequences: false)
                .map { quoted($0.compactMap(\.self)) }.joined(separator: ".")
        }
        return "\\A" + parts.joined(separator: ".*") + "\\z"
    }

    private static func quoted(_ bytes: [UInt8]) -> String {
        var text = ""
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            if scalar.isASCII, !scalar.properties.isAlphabetic {
                text += "\\x{\(String(scalar.value, radix: 16))}"
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    /// The rows whose text matches.
    func rows(_ reader: TextReader, _ count: Int) -> [UInt64] {
        if let part = onlyPart, reader.isPlain { return Self.rows(containing: part, reader, count) }
        var words = [UInt64](repeating: 0, count: (count + 63) / 64)
        var lowered: [UInt8] = []
        unsafe reader.bytes.withUnsafeBufferPointer { bytes in
            for row in 0..<count {
                let text = unsafe UnsafeBufferPointer(rebasing: bytes[reader.range(row)])
                let matches: Bool
                if ignoresCase {
                    unsafe lower(text, into: &lowered)
                    matches = unsafe lowered.withUnsafeBufferPointer { unsafe self.matches($0) }
                } else {
                    matches = unsafe self.matches(text)
                }
                if matches { words[row &>> 6] |= 1 &<< UInt64(row & 63) }
            }
        }
        return words
    }

    /// The bytes that must occur, if that is all that the pattern says.
    private var onlyPart: [UInt8]? {
        let isOnly =
            head.isEmpty && tail?.isEmpty ?? false && middle.count == 1 && expression == nil
        return isOnly && !ignoresCase ? middle[0] : nil
    }

    /// The rows of a plain reader that contain a part: all texts are searched as one.
    private static func rows(
        containing part: [UInt8], _ reader: TextReader, _ count: Int
    ) -> [UInt64] {
        var words = [UInt64](repeating: 0, count: (count + 63) / 64)
        if count == 0 { return words }
        let end = reader.end(count - 1)
        var row = 0
        var start = 0
        unsafe reader.bytes.withUnsafeBufferPointer { bytes in
            while start < end {
                let place = unsafe weir_find_bytes(
                    bytes.baseAddress.map { unsafe $0 + start }, end - start, part, part.count)
                if place < 0 { return }
                let found = start + place
                while reader.end(row) <= found { row += 1 }
                if found + part.count <= reader.end(row) {
                    words[row &>> 6] |= 1 &<< UInt64(row & 63)
                    start = reader.end(row)
                } else {
                    // It reaches over the end of a text; in another it may begin a byte later.
                    start = found + 1
                }
            }
        }
        return words
    }

    private func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        if let expression { return unsafe expression.matches(text) }
        guard var start = unsafe Self.skip(head, text, from: 0) else { return false }
        guard let tail else { return start == text.count }
        guard let end = unsafe Self.skipBack(tail, text), end >= start else { return false }
        for piece in middle {
            let place = unsafe weir_find_bytes(
                text.baseAddress.map { unsafe $0 + start }, end - start, piece, piece.count)
            if place < 0 { return false }
            start += place + piece.count
        }
        return true
    }

    /// Where a piece that begins at an offset ends; nil if it does not stand there.
    private static func skip(
        _ piece: Piece, _ text: UnsafeBufferPointer<UInt8>, from start: Int
    ) -> Int? {
        var place = start
        for element in piece {
            guard place < text.count else { return nil }
            let byte = unsafe text[place]
            place += 1
            if let element {
                if byte != element { return nil }
                continue
            }
            while unsafe place < text.count && text[place] & 0xC0 == 0x80 { place += 1 }
        }
        return place
    }

    /// Where a piece that ends with the text begins; nil if the text does not end with it.
    private static func skipBack(_ piece: Piece, _ text: UnsafeBufferPointer<UInt8>) -> Int? {
        var place = text.count
        for element in piece.reversed() {
            guard place > 0 else { return nil }
            place -= 1
            if let element {
                if unsafe text[place] != element { return nil }
                continue
            }
            while unsafe place > 0 && text[place] & 0xC0 == 0x80 { place -= 1 }
        }
        return place
    }
}

/// Writes the lower-case form of a text.
func lower(_ text: UnsafeBufferPointer<UInt8>, into lowered: inout [UInt8]) {
    lowered.removeAll(keepingCapacity: true)
    lowered.reserveCapacity(text.count)
    for index in text.indices {
        let byte = unsafe text[index]
        if byte >= 0x80 {
            lowered = unsafe Array(String(decoding: text, as: UTF8.self).lowercased().utf8)
            return
        }
        lowered.append(byte &- 65 < 26 ? byte | 0x20 : byte)
    }
}

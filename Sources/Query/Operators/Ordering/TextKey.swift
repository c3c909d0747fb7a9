internal import Base
internal import Expressions

/// A key of text, compared by bytes; rows without a value hold the empty text.
///
/// The bytes are looked at seven at a time, as one word with the number of bytes that are left
/// below them: so words that are equal are of equal texts, or of texts that both go on.
struct TextKey: Sendable {
    /// How many bytes a word holds.
    static let step = 7

    private let table: StringTable
    /// From 1, 0 is the empty text; nil where entries are rows.
    private let codes: [UInt32]?
    let isDescending: Bool

    init(_ table: StringTable, codes: [UInt32]? = nil, isDescending: Bool = false) {
        self.table = table
        self.codes = codes
        self.isDescending = isDescending
    }

    /// Where the text of a row lies.
    @inline(__always)
    private func range(_ row: UInt32) -> (start: Int, end: Int) {
        var entry = Int(row)
        if let codes {
            entry = Int(codes[entry]) - 1
            if entry < 0 { return (0, 0) }
        }
        return (Int(table.offsets[entry]), Int(table.offsets[entry + 1]))
    }

    /// The bytes of a row behind so many, as a word that orders as the rows do.
    @inline(__always)
    func word(_ row: UInt32, depth: Int) -> UInt64 {
        let (start, end) = range(row)
        let word = TextWord.make(table.bytes.span, start: start + depth, end: end)
        return isDescending ? ~word : word
    }

    /// Whether a text whose word this is goes on behind it.
    func goesOn(_ word: UInt64) -> Bool {
        TextWord.goesOn(isDescending ? ~word : word)
    }

    /// Where a row stands to another, from the given byte on: -1, 0 or 1.
    func order(_ left: UInt32, _ right: UInt32, depth: Int = 0) -> Int {
        let (mine, theirs) = (range(left), range(right))
        let order = TextWord.order(
            table.bytes.span, mine.start + depth..<max(mine.start + depth, mine.end),
            table.bytes.span, theirs.start + depth..<max(theirs.start + depth, theirs.end))
        return isDescending ? -order : order
    }

    /// Through how many bytes behind the first `depth` all rows agree.
    func commonCount(_ rows: borrowing Span<SortItem>, depth: Int) -> Int {
        guard rows.count > 0 else { return 0 }
        let bytes = table.bytes.span
        let first = range(rows[0].row)
        var common = max(0, first.end - first.start - depth)
        for index in rows.indices {
            if common == 0 { return 0 }
            let other = range(rows[index].row)
            common = min(common, max(0, other.end - other.start - depth))
            let same = TextWord.commonCount(
                bytes, first.start + depth, first.end, other.start + depth, other.end)
            common = min(common, same)
        }
        return common
    }
}

/// Seven bytes of a text and how many are left, in one word that orders as texts do.
enum TextWord {
    /// The word of the bytes in the range, which may be empty.
    @inline(__always)
    static func make(_ bytes: borrowing Span<UInt8>, start: Int, end: Int) -> UInt64 {
        let count = end - start
        if count <= 0 { return 0 }
        if start + 8 <= bytes.count {
            let raw = unsafe bytes.bytes
            // SAFETY: any eight bytes are an integer; the call checks that they are there.
            let eight = UInt64(
                bigEndian: unsafe raw.unsafeLoadUnaligned(
                    fromByteOffset: start, as: UInt64.self))
            if count > 7 { return eight & ~0xFF | 8 }
            return eight & ~(UInt64.max &>> UInt64(8 &* count)) | UInt64(count)
        }
        var word: UInt64 = 0
        for index in 0..<min(7, count) {
            word |= UInt64(bytes[start + index]) &<< UInt64(56 - 8 * index)
        }
        return word | UInt64(min(8, count))
    }

    /// Whether the text has more than the bytes of the word.
    @inline(__always)
    static func goesOn(_ word: UInt64) -> Bool { word & 0xFF == 8 }

    /// Through how many bytes two texts agree; perhaps more where one ends.
    @inline(__always)
    static func commonCount(
        _ bytes: borrowing Span<UInt8>, _ first: Int, _ firstEnd: Int, _ second: Int,
        _ secondEnd: Int
    ) -> Int {
        var count = 0
        while true {
            let mine = make(bytes, start: first + count, end: firstEnd)
            let theirs = make(bytes, start: second + count, end: secondEnd)
            if mine != theirs { return count + (mine ^ theirs).leadingZeroBitCount / 8 }
            count += TextKey.step
            if !goesOn(mine) { return count }
        }
    }

    /// How a text compares with another by bytes: -1, 0 or 1.
    static func order(
        _ left: borrowing Span<UInt8>, _ mine: Range<Int>, _ right: borrowing Span<UInt8>,
        _ theirs: Range<Int>
    ) -> Int {
        var (first, second) = (mine.lowerBound, theirs.lowerBound)
        while true {
            let a = make(left, start: first, end: mine.upperBound)
            let b = make(right, start: second, end: theirs.upperBound)
            if a != b { return a < b ? -1 : 1 }
            if !goesOn(a) { return 0 }
            first += TextKey.step
            second += TextKey.step
        }
    }
}

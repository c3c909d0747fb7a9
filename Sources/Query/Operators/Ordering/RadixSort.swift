internal import Base

/// A row and the part of its key that is looked at.
struct SortItem: BitwiseCopyable {
    var word: UInt64
    var row: UInt32
}

/// Sorts items by their words; of equal words the rows ascend as they did before.
///
/// Many items byte by byte from the lowest on, of those bytes that are not the same in all; few by
/// comparing.
struct RadixSort {
    /// Fewer are compared.
    private static let least = 192

    private var scratch: [SortItem] = []
    /// By byte of the word and its value: how many items have it, then where the next goes.
    private var counts = [UInt32](repeating: 0, count: 8 * 256)

    /// The memory of its buffers for so many items.
    static func byteCount(_ count: Int) -> Int { count * MemoryLayout<SortItem>.stride }

    /// Sorts the items of a range, in which rows ascend where words are equal.
    mutating func sort(_ items: inout [SortItem], _ range: Range<Int>) {
        let varying: UInt64
        switch Self.shape(items.span.extracting(range)) {
        case .ascending: return
        case .descending:
            Self.reverse(&items, range)
            return
        case .mixed(let bits): varying = bits
        }
        if range.count < Self.least {
            unsafe items.withUnsafeMutableBufferPointer { buffer in
                var part = unsafe UnsafeMutableBufferPointer(rebasing: buffer[range])
                unsafe part.sort { left, right in
                    left.word != right.word ? left.word < right.word : left.row < right.row
                }
            }
            return
        }
        // Local while they are written: the compiler then sees that none overlaps another.
        var (places, other) = (counts, scratch)
        (counts, scratch) = ([], [])
        defer { (counts, scratch) = (places, other) }
        if other.count < range.count {
            other = [SortItem](
                repeating: SortItem(word: 0, row: 0), count: max(range.count, other.count * 2))
        }
        Self.count(items.span.extracting(range), varying, &places)
        var isInOther = false
        for digit in 0..<8 where (varying &>> UInt64(8 * digit)) & 0xFF != 0 {
            if isInOther {
                let source = other.span.extracting(0..<range.count)
                Self.distribute(source, digit, &places, &items, from: range.lowerBound)
            } else {
                let source = items.span.extracting(range)
                Self.distribute(source, digit, &places, &other, from: 0)
            }
            isInOther.toggle()
        }
        if isInOther { Self.copy(other.span, to: &items, range) }
    }

    /// In which order items come.
    private enum Shape {
        case ascending
        case descending
        /// In none; words differ in these bits.
        case mixed(UInt64)
    }

    private static func shape(_ items: borrowing Span<SortItem>) -> Shape {
        guard items.count > 1 else { return .ascending }
        let first = items[0].word
        var before = first
        var varying: UInt64 = 0
        var (ascends, descends) = (true, true)
        for index in items.indices {
            let word = items[index].word
            varying |= word ^ first
            ascends = ascends && before <= word
            descends = descends && before >= word
            before = word
        }
        return ascends ? .ascending : descends ? .descending : .mixed(varying)
    }

    /// Turns descending items round; those that are equal keep their order.
    private static func reverse(_ items: inout [SortItem], _ range: Range<Int>) {
        var items = items.mutableSpan
        turn(&items, range.lowerBound, range.upperBound)
        var start = range.lowerBound
        while start < range.upperBound {
            let word = items[start].word
            var end = start + 1
            while end < range.upperBound, items[end].word == word { end += 1 }
            if end - start > 1 { turn(&items, start, end) }
            start = end
        }
    }

    private static func turn(_ items: inout MutableSpan<SortItem>, _ start: Int, _ end: Int) {
        for index in 0..<(end - start) / 2 {
            items.swapAt(start &+ index, end &- 1 &- index)
        }
    }

    private static func count(
        _ items: borrowing Span<SortItem>, _ varying: UInt64, _ counts: inout [UInt32]
    ) {
        var counts = counts.mutableSpan
        for index in counts.indices { counts[index] = 0 }
        for digit in 0..<8 where (varying &>> UInt64(8 * digit)) & 0xFF != 0 {
            for index in items.indices {
                let byte = Int(items[index].word &>> UInt64(8 * digit) & 0xFF)
                counts[digit &* 256 &+ byte] &+= 1
            }
            var next: UInt32 = 0
            for place in digit * 256..<digit * 256 + 256 {
                let count = counts[place]
                counts[place] = next
                next &+= count
            }
        }
    }

    private static func distribute(
        _ source: borrowing Span<SortItem>, _ digit: Int, _ places: inout [UInt32],
        _ target: inout [SortItem], from start: Int
    ) {
        var places = places.mutableSpan
        var target = target.mutableSpan
        let shift = UInt64(8 * digit)
        for index in source.indices {
            let item = unsafe source[unchecked: index]
            let place = digit &* 256 &+ Int(item.word &>> shift & 0xFF)
            target[start &+ Int(places[place])] = item
            places[place] &+= 1
        }
    }

    private static func copy(
        _ source: borrowing Span<SortItem>, to items: inout [SortItem], _ range: Range<Int>
    ) {
        var target = items.mutableSpan
        for index in 0..<range.count { target[range.lowerBound &+ index] = source[index] }
    }
}

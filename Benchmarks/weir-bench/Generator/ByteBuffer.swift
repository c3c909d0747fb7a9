/// A growing piece of memory that is only appended to, faster than an array.
///
/// Callers reserve once per event and then append without further checks in release.
@safe
package struct ByteBuffer: ~Copyable, Sendable {
    // `@unchecked` by `~Copyable`: the memory has one owner.
    private nonisolated(unsafe) var start: UnsafeMutablePointer<UInt8>
    /// How many bytes it can hold without moving.
    package private(set) var capacity: Int
    /// How many bytes it holds.
    package private(set) var count = 0

    /// An empty buffer.
    package init(capacity: Int) {
        unsafe start = .allocate(capacity: capacity)
        self.capacity = capacity
    }

    deinit { unsafe start.deallocate() }

    /// Forgets the contents and keeps the memory.
    package mutating func removeAll() { count = 0 }

    /// Makes room for `more` bytes behind the present ones.
    package mutating func reserve(_ more: Int) {
        guard count + more > capacity else { return }
        let larger = max(capacity * 2, count + more)
        let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
        unsafe moved.update(from: start, count: count)
        unsafe start.deallocate()
        unsafe start = moved
        capacity = larger
    }

    /// Appends a byte; room must be reserved.
    package mutating func append(_ byte: UInt8) {
        // SAFETY: reserve(_:) made room, in every event for the largest one.
        unsafe start[count] = byte
        count &+= 1
    }

    /// Appends bytes; room must be reserved.
    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress else { return }
        // SAFETY: as above.
        unsafe UnsafeMutableRawPointer(start + count).copyMemory(
            from: base, byteCount: bytes.count)
        count &+= bytes.count
    }

    /// Appends text; room must be reserved.
    package mutating func append(_ text: StaticString) {
        unsafe append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends bytes; room must be reserved.
    package mutating func append(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe append($0) }
    }

    /// Appends a number in decimal digits; room must be reserved.
    package mutating func append(decimal number: Int) {
        var divisor = 1
        while divisor &* 10 <= number { divisor &*= 10 }
        while divisor > 0 {
            append(0x30 &+ UInt8(truncatingIfNeeded: number / divisor % 10))
            divisor /= 10
        }
    }

    /// Overwrites bytes that are there already with a number, right-aligned between spaces.
    package mutating func overwrite(decimal number: Int, at offset: Int, width: Int) {
        var rest = number
        for index in (0..<width).reversed() {
            unsafe start[offset + index] =
                rest == 0 && index < width - 1 ? 0x20 : 0x30 + UInt8(rest % 10)
            rest /= 10
        }
    }

    /// Lends a range of the bytes.
    package borrowing func withBytes<Value>(
        _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) -> Value
    ) -> Value {
        unsafe body(UnsafeRawBufferPointer(start: start + range.lowerBound, count: range.count))
    }

    /// A copy of a range of the bytes.
    package borrowing func copy(_ range: Range<Int>) -> [UInt8] {
        unsafe withBytes(range) { unsafe Array($0) }
    }
}

/// Many short texts in one piece of memory, copied whole into a buffer.
@safe
package final class TextPool: Sendable {
    private let bytes: [UInt8]
    private let offsets: [Int32]

    /// Keeps the texts in their order.
    package init(_ texts: [String]) {
        var bytes: [UInt8] = []
        var offsets: [Int32] = [0]
        for text in texts {
            bytes.append(contentsOf: text.utf8)
            offsets.append(Int32(bytes.count))
        }
        self.bytes = bytes
        self.offsets = offsets
    }

    /// How many texts there are.
    package var count: Int { offsets.count - 1 }

    /// Appends one text to a buffer that has room for it.
    package func append(_ index: Int, to buffer: inout ByteBuffer) {
        let range = Int(offsets[index])..<Int(offsets[index + 1])
        unsafe bytes.withUnsafeBytes { all in
            unsafe buffer.append(UnsafeRawBufferPointer(rebasing: all[range]))
        }
    }

    /// One text.
    package func text(_ index: Int) -> String {
        String(decoding: bytes[Int(offsets[index])..<Int(offsets[index + 1])], as: UTF8.self)
    }
}

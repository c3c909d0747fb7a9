internal import Base

/// Plain values in memory that grows: appending is one compare and one store.
///
/// `Array` is as fast in a loop over a local, but not as a stored property of a stored property,
/// which is how the builder holds its columns.
@safe
struct GrowingBuffer<Element: BitwiseCopyable>: ~Copyable {
    private(set) var count = 0
    private(set) var base: UnsafeMutablePointer<Element>
    private var capacity: Int

    init(capacity: Int = 0) {
        self.capacity = max(capacity, 16)
        unsafe base = .allocate(capacity: self.capacity)
    }

    deinit { unsafe base.deallocate() }

    /// Makes room for so many more.
    mutating func reserve(_ more: Int) {
        if count &+ more > capacity { grow(count + more) }
    }

    @inline(__always)
    mutating func append(_ element: Element) {
        if count == capacity { grow(count + 1) }
        // In bounds: there is room for one more, as was just checked.
        unsafe base[count] = element
        count &+= 1
    }

    /// Appends values that do not lie in this buffer.
    mutating func append(_ source: UnsafePointer<Element>, count more: Int) {
        reserve(more)
        unsafe (base + count).update(from: source, count: more)
        count += more
    }

    mutating func removeAll() { count = 0 }

    mutating func removeLast() {
        invariant(count > 0)
        count -= 1
    }

    subscript(index: Int) -> Element {
        get {
            expensiveInvariant(index >= 0 && index < count)
            return unsafe base[index]
        }
        set {
            expensiveInvariant(index >= 0 && index < count)
            unsafe base[index] = newValue
        }
    }

    /// A copy of the values.
    borrowing func array() -> [Element] {
        unsafe [Element](UnsafeBufferPointer(start: base, count: count))
    }

    /// A copy of the values, as a type of the same size whose every bit pattern is valid.
    borrowing func array<Other: BitwiseCopyable>(as type: Other.Type) -> [Other] {
        invariant(MemoryLayout<Other>.stride == MemoryLayout<Element>.stride)
        let source = unsafe UnsafeRawBufferPointer(
            start: base, count: count * MemoryLayout<Element>.stride)
        return unsafe [Other](unsafeUninitializedCapacity: count) { target, initializedCount in
            unsafe UnsafeMutableRawBufferPointer(target).copyMemory(from: source)
            initializedCount = count
        }
    }

    private mutating func grow(_ needed: Int) {
        let larger = max(capacity * 2, needed)
        let moved = UnsafeMutablePointer<Element>.allocate(capacity: larger)
        unsafe moved.moveInitialize(from: base, count: count)
        unsafe base.deallocate()
        unsafe base = moved
        capacity = larger
    }
}

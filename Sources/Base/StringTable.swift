/// Byte strings in one buffer: entry `i` is `bytes[offsets[i]..<offsets[i + 1]]`.
///
/// A dictionary (entries distinct) or a plain column (one entry a row). Appending is amortised
/// O(bytes); copies share their buffers until one of them changes.
package struct StringTable: Sendable, Equatable {
    /// `count + 1` ascending offsets; the first is 0.
    package var offsets: [UInt32]
    /// All entries, one after the other.
    package var bytes: [UInt8]

    /// A table without entries.
    package init() {
        offsets = [0]
        bytes = []
    }

    /// Takes offsets and bytes that are already in this form.
    package init(offsets: [UInt32], bytes: [UInt8]) {
        invariant(offsets.first == 0 && Int(offsets[offsets.count - 1]) == bytes.count)
        self.offsets = offsets
        self.bytes = bytes
    }

    /// A table of these entries in their order.
    package init(_ strings: some Sequence<String>) {
        self.init()
        for string in strings { append(string) }
    }

    /// How many entries there are.
    @inlinable
    package var count: Int { offsets.count - 1 }

    /// The memory of the table, in bytes.
    package var byteCount: Int { bytes.count + offsets.count * 4 }

    /// Where entry `index` lies in `bytes`; O(1).
    @inlinable
    @inline(__always)
    package func range(_ index: Int) -> Range<Int> {
        Int(offsets[index])..<Int(offsets[index + 1])
    }

    /// Entry `index` as a string; invalid UTF-8 is replaced.
    package subscript(index: Int) -> String {
        String(decoding: bytes[range(index)], as: UTF8.self)
    }

    /// Entry `index` as bytes, not copied.
    package func bytes(at index: Int) -> ArraySlice<UInt8> { bytes[range(index)] }

    /// Appends an entry: the UTF-8 of the string.
    package mutating func append(_ string: String) {
        bytes.append(contentsOf: string.utf8)
        offsets.append(UInt32(bytes.count))
    }

    /// Appends an entry: these bytes, valid UTF-8 or not.
    package mutating func append(_ entry: ArraySlice<UInt8>) {
        bytes.append(contentsOf: entry)
        offsets.append(UInt32(bytes.count))
    }

    /// Appends an entry: a copy of these bytes.
    package mutating func append(_ entry: UnsafeRawBufferPointer) {
        unsafe bytes.append(contentsOf: entry)
        offsets.append(UInt32(bytes.count))
    }

    /// Whether entry `left` sorts before entry `right` of `other`, by bytes.
    package func precedes(_ left: Int, _ other: StringTable, _ right: Int) -> Bool {
        bytes[range(left)].lexicographicallyPrecedes(other.bytes[other.range(right)])
    }
}

/// Byte strings in one buffer: entry `i` is `bytes[offsets[i]..<offsets[i + 1]]`.
///
/// A dictionary (entries distinct) or a plain column (one entry a row). Appending is amortised
/// O(bytes); copies share their buffers until one of them changes.
package struct StringTable: Sendable, Equatable {
    /// `count + 1` ascending offsets; the first is 0.
    package var offsets: [UInt32]
    package var bytes: [UInt8]

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

    package init(_ strings: some Sequence<String>) {
        self.init()
        for string in strings { append(string) }
    }

    @inlinable
    package var count: Int { offsets.count - 1 }

    /// The memory of the table, in bytes.
    package var byteCount: Int { bytes.count + offsets.count * 4 }

    @inlinable
    package func range(_ index: Int) -> Range<Int> {
        Int(offsets[index])..<Int(offsets[index + 1])
    }

    /// Entry `index` as a string; invalid UTF-8 is replaced.
    package subscript(index: Int) -> String {
        String(decoding: bytes[range(index)], as: UTF8.self)
    }

    package func bytes(at index: Int) -> ArraySlice<UInt8> { bytes[range(index)] }

    package mutating func append(_ string: String) {
        bytes.append(contentsOf: string.utf8)
        offsets.append(UInt32(bytes.count))
    }

    package mutating func append(_ entry: ArraySlice<UInt8>) {
        bytes.append(contentsOf: entry)
        offsets.append(UInt32(bytes.count))
    }

    package mutating func append(_ entry: UnsafeRawBufferPointer) {
        unsafe bytes.append(contentsOf: entry)
        offsets.append(UInt32(bytes.count))
    }

    /// Whether entry `left` sorts before entry `right` of `other`, by bytes.
    package func precedes(_ left: Int, _ other: StringTable, _ right: Int) -> Bool {
        bytes[range(left)].lexicographicallyPrecedes(other.bytes[other.range(right)])
    }
}

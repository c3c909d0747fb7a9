package import Base

/// Where the filter of a column lies, of the values in some granules in a row.
package struct PartFilter: Sendable, Equatable {
    /// The column of the schema.
    package var column: Int
    /// The granules whose values it knows.
    package var granules: Range<Int>
    /// Where its first page lies in the column's file.
    var offset: Int
    var shape: FilterShape

    /// Where all of it lies.
    package var range: Range<Int> { offset..<offset + shape.pageCount * shape.pageBytes }

    /// The bytes that tell whether a value is in it: its page in the column's file.
    package func pageRange(of value: Span<UInt8>) -> Range<Int> {
        let start = offset + equation(value).page * shape.pageBytes
        return start..<start + shape.pageBytes
    }

    /// Whether the value may be in one of the granules, by the bytes of `pageRange`.
    ///
    /// Surely, if it is; else by chance, once in 2^bits.
    package func mayContain(
        _ value: Span<UInt8>, page: Span<UInt8>
    ) throws(CorruptionError) -> Bool {
        RibbonPage.contains(equation(value), try words(page), shape)
    }

    /// All pages, of which `bytes` are those of `range`, for who has many questions.
    package func pages(_ bytes: Span<UInt8>) throws(CorruptionError) -> [[UInt64]] {
        var pages: [[UInt64]] = []
        for start in stride(from: 0, to: bytes.count, by: shape.pageBytes) {
            let end = min(bytes.count, start + shape.pageBytes)
            do {
                pages.append(try words(bytes.extracting(start..<end)))
            } catch {
                throw error.located(in: error.file, base: offset + start)
            }
        }
        return pages
    }

    /// The same as `mayContain`, by all pages.
    package func mayContain(_ value: Span<UInt8>, in pages: [[UInt64]]) -> Bool {
        let equation = equation(value)
        return RibbonPage.contains(equation, pages[equation.page], shape)
    }

    private func equation(_ value: Span<UInt8>) -> RibbonPage.Equation {
        let hash = unsafe value.withUnsafeBytes { unsafe hash64($0) }
        return RibbonPage.Equation(hash: hash, shape)
    }

    /// The slots of a page, whose checksum is verified.
    private func words(_ page: Span<UInt8>) throws(CorruptionError) -> [UInt64] {
        var reader = ByteReader(page)
        var words = [UInt64](repeating: 0, count: shape.slots / 64 * shape.bits)
        for index in words.indices { words[index] = try reader.readFixed(UInt64.self) }
        let checksum = try reader.readFixed(UInt32.self)
        try reader.requireEnd()
        let found = crc32c(unsafe page.extracting(0..<page.count - 4).bytes)
        guard found == checksum else {
            throw CorruptionError(
                offset: page.count - 4, expected: "a page with checksum \(checksum)",
                found: "\(found)")
        }
        return words
    }
}

extension PartFilter {
    func append(to writer: inout ByteWriter) {
        writer.appendVarint(column)
        writer.appendVarint(granules.lowerBound)
        writer.appendVarint(granules.count)
        writer.appendVarint(offset)
        writer.appendVarint(shape.pageCount)
        writer.appendVarint(shape.slots / 64)
        writer.append(UInt8(shape.bits))
        writer.appendVarint(shape.seed)
    }

    /// Reads a filter of a part with so many columns and granules, within the first `end` bytes.
    init(
        from reader: inout ByteReader, columnCount: Int, granuleCount: Int, end: Int
    ) throws(CorruptionError) {
        let start = reader.offset
        column = try reader.readCount(atMost: columnCount - 1, of: "columns")
        let first = try reader.readCount(atMost: granuleCount, of: "granules")
        let count = try reader.readCount(atMost: granuleCount - first, of: "granules")
        granules = first..<first + count
        offset = try reader.readCount(atMost: end, of: "bytes of the file")
        let pageCount = try reader.readCount(
            atMost: PartLimits.filterPagesMax, of: "pages of a filter")
        let words = try reader.readCount(
            atMost: RibbonPage.slotsMax / 64, of: "words of a page of a filter")
        let bits = Int(try reader.readByte())
        let seed = try reader.readVarint()
        guard pageCount > 0, words > 0, (1...RibbonPage.bitsMax).contains(bits) else {
            throw CorruptionError(
                offset: start, expected: "a filter with pages, words and 1 to 16 bits",
                found: "\(pageCount), \(words) and \(bits)")
        }
        shape = FilterShape(pageCount: pageCount, slots: words * 64, bits: bits, seed: seed)
        guard offset >= PartLayout.headerBytes, range.count <= end - offset else {
            throw CorruptionError(
                offset: start, expected: "a filter within \(end) bytes",
                found: "\(range.count) at \(offset)")
        }
    }
}

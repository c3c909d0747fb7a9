import Base
import Testing

@Suite struct StringTableTests {
    @Test func entriesComeBack() {
        let strings = ["", "a", "", "zürich", "b\0c"]
        let table = StringTable(strings)
        #expect(table.count == strings.count)
        #expect(strings.indices.map { table[$0] } == strings)
        #expect(table.byteCount == 24 + 11)
    }

    @Test func entriesOrderByBytes() {
        let table = StringTable(["", "a", "ab", "b", "é"])
        for left in 0..<table.count {
            for right in 0..<table.count {
                #expect(table.precedes(left, table, right) == (left < right))
            }
        }
    }
}

@Suite struct BitmapTests {
    @Test func behavesAsAnArrayOfBool() {
        for count in [0, 1, 63, 64, 65, 200] {
            let naive = (0..<count).map { _ in Bool.random() }
            var bitmap = Bitmap(count: count)
            for row in 0..<count { bitmap[row] = naive[row] }
            #expect((0..<count).map { bitmap[$0] } == naive)
            #expect(bitmap.population == naive.count { $0 })
            var appended = Bitmap(count: 0)
            for bit in naive { appended.append(bit) }
            #expect(appended == bitmap)
            var all = Bitmap(repeating: true, count: count)
            #expect(all.population == count)
            all.formIntersection(bitmap)
            #expect(all == bitmap)
            for row in 0..<count { bitmap[row] = false }
            #expect(bitmap.population == 0)
        }
    }
}

@Suite struct IdentifierTests {
    @Test func idsAreOrderedDistinctAndOfVersion7() throws {
        var maker = IdentifierMaker(seed: 1)
        let ids = (0..<3_000).map { maker.next(at: 1_768_055_400_000 + Int64($0)) }
        #expect(Set(ids).count == ids.count)
        #expect(ids == ids.sorted())
        let first = try #require(ids.first)
        #expect(first.count == 36)
        #expect(first.hasPrefix("019ba850-6640-7001-"))
        let variant = first.dropFirst(19).first
        #expect(variant == "8" || variant == "9" || variant == "a" || variant == "b")
    }
}

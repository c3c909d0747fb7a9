import Base
import Testing

@Suite struct HashTests {
    /// What is on disk depends on these: they may never change.
    @Test func workedValues() {
        #expect(hash64("") == 0x1FF5_C292_3A78_8D2C)
        #expect(hash64("user_1") == 0x94D0_2D8D_FB7F_29C1)
        #expect(hash64("evt_0123456789abcdef") == 0x2126_A197_1256_67A9)
        #expect(hash64("evt_0123456789abcdef", seed: 1) == 0xAB1C_4D06_B62C_A50A)
        #expect(hash64(UInt64(0)) == 0xE220_A839_7B1D_CDAF)
    }

    /// Flipping one bit of the input flips about half the bits of the hash, at every length.
    @Test func bitsAvalanche() {
        for count in [1, 7, 8, 9, 16, 20, 36] {
            var flipped = 0
            var trials = 0
            for _ in 0..<50 {
                let bytes = (0..<count).map { _ in UInt8.random(in: 0...255) }
                for bit in 0..<(count * 8) {
                    var other = bytes
                    other[bit / 8] ^= 1 << UInt8(bit % 8)
                    flipped += (hash(bytes) ^ hash(other)).nonzeroBitCount
                    trials += 1
                }
            }
            #expect((31.0...33.0).contains(Double(flipped) / Double(trials)), "length \(count)")
        }
    }

    @Test func similarKeysDoNotCollide() {
        var seen = Set<UInt64>()
        for number in 0..<200_000 { seen.insert(hash64("user_\(number)")) }
        #expect(seen.count == 200_000)
    }

    private func hash(_ bytes: [UInt8]) -> UInt64 {
        unsafe bytes.withUnsafeBytes { unsafe hash64($0) }
    }
}

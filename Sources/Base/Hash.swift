/// A 64-bit hash of bytes, the same on every machine and in every version.
///
/// Sketches and the dedup window keep it, so it may never change. Multiply-and-fold over
/// eight-byte words, in the manner of wyhash (Wang Yi); the worked values in `HashTests` hold it
/// fast.
@inlinable
package func hash64(_ bytes: UnsafeRawBufferPointer, seed: UInt64 = 0) -> UInt64 {
    let count = bytes.count
    var state = seed ^ 0xA076_1D64_78BD_642F
    guard count > 0, let base = bytes.baseAddress else { return fold(state, 0xE703_7ED1_A0B4_28DB) }
    if count < 8 {
        var word: UInt64 = 0
        for index in 0..<count {
            word |=
                UInt64(unsafe base.load(fromByteOffset: index, as: UInt8.self))
                &<< UInt64(8 &* index)
        }
        return finish(state, word, count)
    }
    var offset = 0
    while offset &+ 8 < count {
        let word = UInt64(
            littleEndian: unsafe base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        state = fold(state ^ word, 0xE703_7ED1_A0B4_28DB)
        offset &+= 8
    }
    // The last eight bytes, overlapping the ones before where the count is no multiple of eight.
    let last = UInt64(
        littleEndian: unsafe base.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self))
    return finish(state, last, count)
}

/// A 64-bit hash of a number, a bijection (the finaliser of splitmix64).
@inlinable
package func hash64(_ number: UInt64) -> UInt64 {
    var mixed = number &+ 0x9E37_79B9_7F4A_7C15
    mixed = (mixed ^ (mixed &>> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed &>> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed &>> 31)
}

/// A 64-bit hash of a string's UTF-8.
package func hash64(_ string: String, seed: UInt64 = 0) -> UInt64 {
    var copy = string
    return copy.withUTF8 { unsafe hash64(UnsafeRawBufferPointer($0), seed: seed) }
}

/// The last round of `hash64` over bytes: the last word and the count.
///
/// Visible only because `hash64` is inlined into other modules.
@inlinable
package func finish(_ state: UInt64, _ word: UInt64, _ count: Int) -> UInt64 {
    fold(fold(state ^ word, 0x8EBC_6AF0_9C88_C6E3) ^ UInt64(count), 0x5899_65CC_7537_4CC3)
}

/// The halves of the 128-bit product, combined; see `finish` for why it is visible.
@inlinable
package func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let product = left.multipliedFullWidth(by: right)
    return product.high ^ product.low
}

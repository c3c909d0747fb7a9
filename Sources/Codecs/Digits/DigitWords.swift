// Up to eight digits in one 64-bit word: byte by byte in the word's own order, the first digit in
// the most significant byte that is in use. All bytes are worked on at once.

extension Digits.Alphabet {
    /// The number that the digits are; bytes in front that are 0 do not count.
    @inline(__always)
    func number(_ characters: UInt64) -> UInt64 {
        let low = characters & 0x0F0F_0F0F_0F0F_0F0F
        if self == .decimal {
            let pairs = (low &>> 8 & 0x00FF_00FF_00FF_00FF) &* 10 &+ (low & 0x00FF_00FF_00FF_00FF)
            let fours =
                (pairs &>> 16 & 0x0000_FFFF_0000_FFFF) &* 100 &+ (pairs & 0x0000_FFFF_0000_FFFF)
            return (fours &>> 32) &* 10_000 &+ (fours & 0xFFFF_FFFF)
        }
        // Of letters bit 6 is set, and their low bits count from 1.
        let nibbles = low &+ (characters &>> 6 & 0x0101_0101_0101_0101) &* 9
        let pairs = (nibbles | nibbles &>> 4) & 0x00FF_00FF_00FF_00FF
        let fours = (pairs | pairs &>> 8) & 0x0000_FFFF_0000_FFFF
        return (fours | fours &>> 16) & 0xFFFF_FFFF
    }

    /// The eight digits of a number below radix^8.
    @inline(__always)
    func characters(_ number: UInt64) -> UInt64 {
        if self == .decimal {
            let fours = (number / 10_000) &<< 32 | number % 10_000
            // Of numbers below 10,000: a multiplication and a shift divide by 100 exactly.
            let hundreds = (fours &* 10_486) &>> 20 & 0x0000_007F_0000_007F
            let pairs = hundreds &<< 16 | (fours &- hundreds &* 100)
            let tens = (pairs &* 103) &>> 10 & 0x000F_000F_000F_000F
            return tens &<< 8 | (pairs &- tens &* 10) | 0x3030_3030_3030_3030
        }
        let fours = (number | number &<< 16) & 0x0000_FFFF_0000_FFFF
        let pairs = (fours | fours &<< 8) & 0x00FF_00FF_00FF_00FF
        let nibbles = (pairs | pairs &<< 4) & 0x0F0F_0F0F_0F0F_0F0F
        let isLetter = (nibbles &+ 0x0606_0606_0606_0606) &>> 4 & 0x0101_0101_0101_0101
        let gap: UInt64 = self == .lowerHexadecimal ? 39 : 7
        return nibbles &+ 0x3030_3030_3030_3030 &+ isLetter &* gap
    }
}

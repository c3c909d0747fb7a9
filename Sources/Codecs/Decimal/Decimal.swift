/// Floats that are decimal numbers of few digits, as integers, in the manner of ALP (Afroozeh,
/// Kuffó and Boncz, 2023), and the other ones beside them.
///
/// ```
/// digits k behind the point: 1 byte, 0 to 22
/// │ encoding: 1 byte │ stream of n integers d, each from -2^53 to 2^53
/// │ number of exceptions e: varint, at most n
/// │ where e > 0: encoding: 1 byte │ stream of e codes: their rows, ascending
/// │              e floats, 8 bytes each
/// ```
/// The value is `d / 10^k`. ALP multiplies by an inexact power; as both numbers here are exact, the
/// quotient is the float that is the nearest to the decimal number, the one that every parser of
/// JSON makes of it. So a decimal number of up to 15 digits is never an exception.
enum Decimal {
    /// The greatest number of digits: 10^22 is the last power of ten that is exact.
    static let digitsMax = 22
    /// The greatest integer: up to there all are exact.
    static let integerMax: Int64 = 1 << 53

    /// 10^`digits`, exactly.
    static func power(_ digits: Int) -> Double {
        let powers: [23 of Double] = [
            1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
            1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
        ]
        return powers[digits]
    }

    /// The integer that gives the float back, bit for bit; nil if there is none that is found.
    static func integer(_ float: Double, power: Double) -> Int64? {
        // What is added makes the sum's last bit count one, and so rounds to the nearest integer.
        let shift = 6_755_399_441_055_744.0
        let scaled = float * power
        guard abs(scaled) <= 2_251_799_813_685_248.0 else { return nil }
        let rounded = (scaled + shift) - shift
        guard (rounded / power).bitPattern == float.bitPattern else { return nil }
        return Int64(rounded)
    }
}

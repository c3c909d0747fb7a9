internal import Glibc

/// The functions of libm that the generator needs.
func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }

/// A draw from the exponential distribution of this mean, from a fraction.
func exponential(_ fraction: Double, mean: Double) -> Double { -mean * log(1 - fraction) }

/// A draw from a log-normal distribution, by Box and Muller.
func logNormal(median: Double, sigma: Double, _ random: inout Randomness) -> Double {
    let radius = (-2 * log(1 - random.fraction())).squareRoot()
    return median * exp(sigma * radius * cos(2 * Double.pi * random.fraction()))
}

/// One period of a sine for each whole number.
func wave(_ turns: Double) -> Double { sin(2 * Double.pi * turns) }

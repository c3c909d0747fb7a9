internal import Base
internal import Expressions

/// Compensated sums of numbers and their squares, from which the variance comes.
struct Moments: Sendable {
    private(set) var count: Int64 = 0
    private var sum = CompensatedSum()
    private var squares = CompensatedSum()

    mutating func add(_ number: Double) {
        count += 1
        sum.add(number)
        let square = number * number
        squares.add(square)
        let rest = (-square).addingProduct(number, number)
        if rest.isFinite { squares.lost += rest }
    }

    mutating func add(_ other: Moments) {
        count += other.count
        sum.add(other.sum)
        squares.add(other.squares)
    }

    /// The variance, or its root; nil of too few numbers.
    func deviation(isSample: Bool, isRoot: Bool) -> Double? {
        if self.count < (isSample ? 2 : 1) { return nil }
        let count = Double(count)
        // squares - sum²/count; the square and the quotient with what rounding has lost.
        let sum = self.sum.value
        let sumRest = (self.sum.sum - sum) + self.sum.lost
        let square = sum * sum
        let squareRest = (-square).addingProduct(sum, sum) + 2 * sum * sumRest
        let quotient = square / count
        let quotientRest = (square.addingProduct(-quotient, count) + squareRest) / count
        var rest = squares
        rest.add(-quotient)
        rest.add(-quotientRest)
        let variance = max(0, rest.value) / (isSample ? count - 1 : count)
        return isRoot ? variance.squareRoot() : variance
    }
}

/// Variance and standard deviation, of compensated sums of the values and their squares.
struct MomentState: AggregateState {
    private let isSample: Bool
    private let isRoot: Bool
    private var moments: [Moments] = []

    init(_ call: AggregateCall) {
        switch call.function {
        case .standardDeviation(let isSample): (self.isSample, isRoot) = (isSample, true)
        case .variance(let isSample): (self.isSample, isRoot) = (isSample, false)
        default: fatalError("no variance")
        }
    }

    var byteCount: Int { moments.count * 40 }

    mutating func update(_ rows: AggregateRows) {
        moments.grow(to: rows.groupCount, with: Moments())
        let vector = rows.arguments[0]
        for row in 0..<rows.rowCount where vector.validity?[row] ?? true {
            let number: Double
            switch vector.values {
            case .integers(let numbers): number = Double(numbers[row])
            case .floats(let numbers): number = numbers[row]
            case .codes, .strings, .booleans: return
            }
            moments[Int(rows.groups?[row] ?? 0)].add(number)
        }
    }

    mutating func merge(_ other: any AggregateState, groups map: [UInt32], groupCount: Int) {
        guard let other = other as? Self else { fatalError("states of another aggregate") }
        moments.grow(to: groupCount, with: Moments())
        for group in other.moments.indices where map[group] != .max {
            let target = Int(map[group])
            moments[target].add(other.moments[group])
        }
    }

    mutating func result(_ groups: [UInt32]) -> Vector {
        if let last = groups.max() { moments.grow(to: Int(last) + 1, with: Moments()) }
        let numbers = groups.map { group in
            moments[Int(group)].deviation(isSample: isSample, isRoot: isRoot)
        }
        return Vector(optionals: numbers)
    }
}

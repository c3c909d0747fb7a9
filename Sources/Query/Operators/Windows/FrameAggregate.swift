internal import Base
internal import Expressions
internal import Store

/// An aggregate over the frame of each row.
///
/// Counts and sums of integers are differences of running totals, exact in 128 bits. Sums of
/// floats, variances and extremes are combined (`WindowRows.fold`). All others are computed by the
/// states that GROUP BY has (`FrameAggregate+States`).
struct FrameAggregate {
    let call: AggregateCall
    let frame: WindowCall.Frame
    /// A vector for each argument, by row.
    let arguments: [Vector]
    let rows: WindowRows
    let control: QueryControl

    init(
        _ call: AggregateCall, _ frame: WindowCall.Frame, _ arguments: [Vector],
        _ rows: WindowRows, _ control: QueryControl
    ) {
        self.call = call
        self.frame = frame
        self.arguments = arguments
        self.rows = rows
        self.control = control
    }

    /// The value for each row.
    func values() throws(QueryError) -> Vector {
        switch call.function {
        case .countRows: return counts { _ in true }
        case .count:
            guard let present else { return counts { _ in true } }
            return counts { present[$0] }
        case .sum, .avg:
            switch arguments[0].values {
            case .integers(let numbers): return try integerSums(numbers)
            case .floats(let numbers): return try floatSums(numbers)
            case .codes, .strings, .booleans: return try valuesByStates()
            }
        case .min, .any, .max: return try extremes(decisive: 0)
        case .argMin, .argMax: return try extremes(decisive: 1)
        case .boolOr, .boolAnd:
            guard case .booleans(let bits) = arguments[0].values else {
                return try valuesByStates()
            }
            return truths(bits)
        case .standardDeviation(let isSample):
            return try deviations(isSample: isSample, isRoot: true)
        case .variance(let isSample):
            return try deviations(isSample: isSample, isRoot: false)
        case .countDistinct, .uniq, .uniqMerge, .uniqUnion, .quantiles, .topK, .joined:
            return try valuesByStates()
        }
    }

    /// The rows in which all arguments have a value; nil where all rows have.
    private var present: Bitmap? { commonValidity(arguments) }

    // MARK: Running totals

    /// Before each position, and behind the last, how many rows meet the condition so far.
    private func running(_ isCounted: (Int) -> Bool) -> [UInt32] {
        var totals: [UInt32] = [0]
        totals.reserveCapacity(rows.count + 1)
        var total: UInt32 = 0
        for row in rows.rows {
            total &+= isCounted(Int(row)) ? 1 : 0
            totals.append(total)
        }
        return totals
    }

    private func forEachFrame(_ body: (_ row: Int, _ frame: Range<Int>) -> Void) {
        for partition in rows.partitions {
            for position in partition {
                body(Int(rows.rows[position]), rows.frame(frame, at: position, of: partition))
            }
        }
    }

    private func counts(_ isCounted: (Int) -> Bool) -> Vector {
        let totals = running(isCounted)
        var counts = [Int64](repeating: 0, count: rows.count)
        forEachFrame { row, frame in
            counts[row] = Int64(totals[frame.upperBound] - totals[frame.lowerBound])
        }
        return Vector(type: .integer, values: .integers(counts))
    }

    private func integerSums(_ numbers: [Int64]) throws(QueryError) -> Vector {
        let present = present
        let counts = running { present?[$0] ?? true }
        var totals: [Int128] = [0]
        totals.reserveCapacity(rows.count + 1)
        var total: Int128 = 0
        for row in rows.rows {
            if present?[Int(row)] ?? true { total += Int128(numbers[Int(row)]) }
            totals.append(total)
        }
        var sums = [Int64](repeating: 0, count: rows.count)
        var means = [Double?](repeating: nil, count: call.function == .avg ? rows.count : 0)
        var valid = Bitmap(count: rows.count)
        var isOutOfRange = false
        forEachFrame { row, frame in
            let count = counts[frame.upperBound] - counts[frame.lowerBound]
            if count == 0 { return }
            let sum = totals[frame.upperBound] - totals[frame.lowerBound]
            if call.function == .avg {
                means[row] = Double(sum) / Double(count)
                return
            }
            valid[row] = true
            if let exact = Int64(exactly: sum) { sums[row] = exact } else { isOutOfRange = true }
        }
        if call.function == .avg { return Vector(optionals: means) }
        if isOutOfRange { throw .sumOutOfRange }
        return Vector(
            type: .integer, values: .integers(sums),
            validity: valid.population == rows.count ? nil : valid)
    }

    private func truths(_ bits: Bitmap) -> Vector {
        let present = present
        let counts = running { present?[$0] ?? true }
        let trues = running { (present?[$0] ?? true) && bits[$0] }
        let isAnd = call.function == .boolAnd
        var results = Bitmap(count: rows.count)
        var valid = Bitmap(count: rows.count)
        forEachFrame { row, frame in
            let count = counts[frame.upperBound] - counts[frame.lowerBound]
            if count == 0 { return }
            let trueCount = trues[frame.upperBound] - trues[frame.lowerBound]
            valid[row] = true
            if isAnd ? trueCount == count : trueCount > 0 { results[row] = true }
        }
        return Vector(
            type: .boolean, values: .booleans(results),
            validity: valid.population == rows.count ? nil : valid)
    }

    // MARK: Combined elements

    private func floatSums(_ numbers: [Double]) throws(QueryError) -> Vector {
        struct Sum {
            var sum = CompensatedSum()
            var count = 0
        }
        let present = present
        var results = [Double?](repeating: nil, count: rows.count)
        let isMean = call.function == .avg
        try rows.fold(
            frame, none: Sum(),
            element: { position in
                let row = Int(rows.rows[position])
                guard present?[row] ?? true else { return Sum() }
                return Sum(sum: CompensatedSum(sum: numbers[row]), count: 1)
            },
            combine: { sum, other in
                sum.sum.add(other.sum)
                sum.count += other.count
            },
            result: { position, sum in
                if sum.count == 0 { return }
                let value = sum.sum.value
                results[Int(rows.rows[position])] = isMean ? value / Double(sum.count) : value
            })
        return Vector(optionals: results)
    }

    private func deviations(isSample: Bool, isRoot: Bool) throws(QueryError) -> Vector {
        let numbers: [Double]
        switch arguments[0].values {
        case .integers(let integers): numbers = integers.map { Double($0) }
        case .floats(let floats): numbers = floats
        case .codes, .strings, .booleans: return try valuesByStates()
        }
        let present = present
        var results = [Double?](repeating: nil, count: rows.count)
        try rows.fold(
            frame, none: Moments(),
            element: { position in
                let row = Int(rows.rows[position])
                var moments = Moments()
                if present?[row] ?? true { moments.add(numbers[row]) }
                return moments
            },
            combine: { $0.add($1) },
            result: { position, moments in
                results[Int(rows.rows[position])] = moments.deviation(
                    isSample: isSample, isRoot: isRoot)
            })
        return Vector(optionals: results)
    }

    /// The first argument of the row that is first by the decisive argument; of several the least.
    private func extremes(decisive: Int) throws(QueryError) -> Vector {
        let wantsGreatest = call.function == .max || call.function == .argMax
        var keys = [
            OrderKey(arguments[decisive], KeyDirection(isDescending: wantsGreatest))
        ]
        if decisive > 0 { keys.append(OrderKey(arguments[0])) }
        let order = RowOrder(keys, rowCount: rows.count)
        let present = present
        var sources = [UInt32](repeating: .max, count: rows.count)
        try rows.fold(
            frame, none: UInt32.max,
            element: { position in
                let row = rows.rows[position]
                return present?[Int(row)] ?? true ? row : .max
            },
            combine: { best, other in
                if other == .max { return }
                if best == .max || order.isBefore(other, best) { best = other }
            },
            result: { position, best in sources[Int(rows.rows[position])] = best })
        var result = try Vector.picked(sources, of: [arguments[0]])
        if case .floats(let numbers) = result.values {
            // Negative zero is zero, whichever row is taken.
            result.values = .floats(numbers.map { $0 + 0 })
        }
        return result
    }
}

internal import Base
internal import Expressions

/// Rows on their way into the states of one aggregate.
struct AggregateRows {
    /// A vector for each argument.
    var arguments: [Vector]
    /// For each argument whether its dictionary is that of a part.
    var areOfPart: [Bool]
    var rowCount: Int
    /// The group of each row; nil where all are in group 0.
    var groups: [UInt32]?
    /// Groups are below this.
    var groupCount: Int
}

/// The states of one aggregate, one for each group.
///
/// Which rows come in which call, and in which order states are merged, does not show in results.
protocol AggregateState: Sendable {
    /// The memory of the states, in bytes.
    var byteCount: Int { get }

    /// Takes rows in.
    mutating func update(_ rows: AggregateRows) throws(QueryError)

    /// Merges states of the same aggregate: each group of theirs into the one that `map` says,
    /// where that is not `UInt32.max`.
    mutating func merge(
        _ other: any AggregateState, groups map: [UInt32], groupCount: Int
    ) throws(QueryError)

    /// The values of groups.
    mutating func result(_ groups: [UInt32]) throws(QueryError) -> Vector
}

extension AggregateCall {
    /// States of this aggregate for no groups yet; `joints` has the joint dictionaries of those
    /// arguments that are columns of tables.
    func makeState(_ joints: [JointDictionary?]) -> any AggregateState {
        if isDistinct, distinctMatters { return DistinctState(self, joints) }
        switch function {
        case .countRows, .count: return CountState(self)
        case .countDistinct: return DistinctState(self, joints)
        case .uniq: return UniqState(self)
        case .uniqMerge: return SketchState(givesStates: false)
        case .uniqUnion: return SketchState(givesStates: true)
        case .sum, .avg:
            return arguments[0].type == .float
                ? FloatSumState(isMean: function == .avg) : IntegerSumState(self)
        case .min, .max, .any, .argMin, .argMax: return ExtremeState(self, joints)
        case .boolOr, .boolAnd: return TruthState(isAnd: function == .boolAnd)
        case .standardDeviation, .variance: return MomentState(self)
        case .quantiles, .topK, .joined: return MultisetState(self, joints)
        }
    }

    /// Whether repetitions change the result.
    private var distinctMatters: Bool {
        switch function {
        case .countDistinct, .uniq, .uniqMerge, .uniqUnion, .min, .max, .any, .argMin, .argMax,
            .boolOr, .boolAnd, .countRows:
            false
        case .count, .sum, .avg, .standardDeviation, .variance, .quantiles, .topK, .joined: true
        }
    }
}

extension Array {
    /// Gives an array that many elements at least, the new ones with this value.
    mutating func grow(to count: Int, with value: Element) {
        guard count > self.count else { return }
        // Groups come few at a time.
        if count > capacity { reserveCapacity(Swift.max(count, self.count * 2)) }
        append(contentsOf: repeatElement(value, count: count - self.count))
    }
}

/// The rows in which all vectors have a value; nil where all rows have.
func commonValidity(_ vectors: [Vector]) -> Bitmap? {
    var common: Bitmap?
    for vector in vectors {
        guard let valid = vector.presence else { continue }
        if common == nil { common = valid } else { common?.formIntersection(valid) }
    }
    return common
}

extension Vector {
    /// Whether its rows are text, which is turned into codes of which 0 is NULL.
    var isCoded: Bool {
        switch values {
        case .codes, .strings: true
        case .integers, .floats, .booleans: false
        }
    }

    /// Which rows have a value; nil where all have, as far as that is known without looking.
    var presence: Bitmap? {
        guard case .codes(let codes, _) = values else { return validity }
        var words = [UInt64](repeating: 0, count: (codes.count + 63) / 64)
        for (row, code) in codes.enumerated() where code != 0 {
            words[row &>> 6] |= 1 &<< UInt64(row & 63)
        }
        return Bitmap(words: words, count: codes.count)
    }
}

internal import Base
internal import Synchronization

/// The dictionaries of parts, column by column, made one: kept from query to query.
///
/// Parts have dictionaries of their own, so what is grouped or counted across parts must be
/// compared as text. That is done once for each dictionary; queries after the first look codes up.
package final class JointDictionaries: Sendable {
    private let budget: Int
    private let columns = Locked<[String: JointDictionary]>([:])
    private let byteCount = Atomic(0)

    /// Dictionaries that keep within so many bytes.
    package init(budget: Int) { self.budget = budget }

    /// The memory that is used, in bytes.
    package var usedBytes: Int { byteCount.load(ordering: .relaxed) }

    /// The dictionary of a column of a table.
    func dictionary(of column: String) -> JointDictionary {
        columns.withLock { columns in
            // All are begun anew once they are too much; queries that run keep what they have.
            if byteCount.load(ordering: .relaxed) > budget {
                columns = [:]
                byteCount.store(0, ordering: .relaxed)
            }
            if let known = columns[column] { return known }
            let new = JointDictionary(self)
            columns[column] = new
            return new
        }
    }

    /// Takes memory; false where too little is left.
    fileprivate func take(_ count: Int) -> Bool {
        byteCount.add(count, ordering: .relaxed).newValue <= budget
    }
}

/// Codes of one column that hold for all parts; 0 is NULL.
final class JointDictionary: Sendable {
    private struct Known {
        /// Held, so that its address stays its own.
        var dictionary: StringTable
        var codes: [UInt32]
    }

    private struct State {
        var codes = DimensionCodes()
        /// By address of the dictionary's offsets.
        var known: [UInt: Known] = [:]
        var byteCount = 0
    }

    /// What codes mean from now on.
    struct Translation {
        /// By code of the dictionary, for those that are used at least.
        var codes: [UInt32]
        /// By joint code, less one; of all that were given out so far.
        var values: StringTable
    }

    private let state = Locked(State())
    private let owner: JointDictionaries

    fileprivate init(_ owner: JointDictionaries) { self.owner = owner }

    /// The joint codes of a dictionary's; nil where there is no memory for them, or where so few
    /// are used that it is better not to begin with joint codes.
    ///
    /// All of them are found out and kept if many are used. `isLasting` says that the dictionary is
    /// that of a part on disk, and will be asked for again.
    func translate(
        _ dictionary: StringTable, used: [Bool], isLasting: Bool, isBegun: Bool
    ) -> Translation? {
        state.withLock { state in
            let address = Self.address(dictionary)
            let usedCount = used.reduce(0) { $0 + ($1 ? 1 : 0) }
            if !isBegun, usedCount * 16 < state.codes.values.count { return nil }
            if isLasting, let known = state.known[address] {
                return Translation(codes: known.codes, values: state.codes.values)
            }
            let keepsAll = isLasting && usedCount * 8 > dictionary.count
            let before = state.byteCount
            let codes = state.codes.codes(
                of: dictionary,
                used: keepsAll ? [Bool](repeating: true, count: dictionary.count + 1) : used)
            state.byteCount = state.codes.byteCount
            var added = state.byteCount - before
            if keepsAll {
                state.known[address] = Known(dictionary: dictionary, codes: codes)
                added += codes.count * 4 + dictionary.byteCount
            }
            guard owner.take(added) else { return nil }
            return Translation(codes: codes, values: state.codes.values)
        }
    }

    /// Nothing is read through it; the dictionary is held while it is a key.
    private static func address(_ dictionary: StringTable) -> UInt {
        unsafe dictionary.offsets.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
    }
}

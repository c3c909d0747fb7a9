// Which parts are merged next. A pure function of what the manifest says.
//
// Sizes fall into tiers: tier 0 below `tierFloorBytes × tierFactor`, each further tier
// `tierFactor` times larger. As soon as a tier of one partition of one table (between two fences,
// see `MergeFences`) has `mergeFanIn` parts, its smallest are merged into one. A row is therefore
// rewritten about once a tier, which bounds the write amplification by the number of tiers, and
// when no merge is due a partition has, between two fences, at most (`mergeFanIn` − 1) × tiers
// parts, and those that are final: larger than half of `partBytesMost`, and so never more than
// twice the partition's bytes divided by that.
//
// A partition whose time is over, and that gets no rows any more, is *closed*: all its parts become
// one, unless what lies beside the largest is not worth rewriting that. So each row is rewritten
// once more, and queries over days long past read few parts.

internal import Base

/// Chooses merges.
struct MergePolicy {
    let options: StoreOptions

    /// What one merge does.
    struct Choice: Equatable {
        var partition: Partition
        var parts: [PartEntry]
    }

    private struct Place: Hashable {
        var table: String
        var partition: Partition
        /// Between which fences its parts lie.
        var span: Int
        var tier: Int
    }

    /// The tier of a part of that size.
    func tier(byteCount: Int) -> Int {
        var tier = 0
        var limit = options.tierFloorBytes * options.tierFactor
        while byteCount >= limit, tier < 32 {
            tier += 1
            limit = limit > Int.max / options.tierFactor ? .max : limit * options.tierFactor
        }
        return tier
    }

    /// How many tiers there are below the size of final parts.
    var tierCount: Int { tier(byteCount: options.partBytesMost / 2) + 1 }

    /// Parts that a partition may have when no merge is due, apart from final ones.
    var partCountMost: Int { (options.mergeFanIn - 1) * tierCount }

    /// How long after its time a partition may be closed.
    private static let closingDelay = CivilTime.millisecondsPerHour

    /// All merges that are due, the most useful first: mixed parts, small tiers, then many parts.
    ///
    /// No merge crosses one of the fences.
    func due(
        _ parts: some Sequence<PartEntry>, lastCommit: CommitPoint?, fences: MergeFences
    ) -> [Choice] {
        let lastFlush = lastCommit?.flushNumber ?? 0
        let watermark = lastCommit?.watermark ?? .min
        var groups: [Place: [PartEntry]] = [:]
        var closed: [Place: [PartEntry]] = [:]
        for part in parts where part.partition == .mixed || !isFinal(part) {
            // Derivations wait for what is mixed.
            let tier = part.partition == .mixed ? -1 : tier(byteCount: part.byteCount)
            let place = Place(
                table: part.table, partition: part.partition, span: fences.span(of: part),
                tier: tier)
            groups[place, default: []].append(part)
            if let end = part.partition.end, end <= watermark - Self.closingDelay {
                var place = place
                place.tier = Self.closedTier
                closed[place, default: []].append(part)
            }
        }
        var found: [(place: Place, parts: [PartEntry])] = []
        for (place, parts) in groups {
            let isDue =
                parts.count >= options.mergeFanIn
                || (place.partition == .mixed
                    && parts.contains { waitedFlushes($0, lastFlush) >= options.mixedWaitFlushes })
            if isDue { found.append((place, parts)) }
        }
        for (place, parts) in closed where isWorthClosing(parts, lastFlush) {
            found.append((place, parts))
        }
        found.sort { left, right in
            let (mine, theirs) = (left.place, right.place)
            if (mine.tier, -left.parts.count) != (theirs.tier, -right.parts.count) {
                return (mine.tier, -left.parts.count) < (theirs.tier, -right.parts.count)
            }
            return (mine.table, mine.partition, mine.span)
                < (theirs.table, theirs.partition, theirs.span)
        }
        return found.compactMap { choose($0.parts, partition: $0.place.partition) }
    }

    /// Behind all tiers of sizes.
    private static let closedTier = 33

    private func isWorthClosing(_ parts: [PartEntry], _ lastFlush: UInt64) -> Bool {
        guard parts.count > 1,
            parts.allSatisfy({ waitedFlushes($0, lastFlush) >= options.closingWaitFlushes })
        else { return false }
        let largest = parts.map(\.byteCount).max() ?? 0
        return parts.reduce(0) { $0 + $1.byteCount } - largest >= largest / 8
    }

    private func waitedFlushes(_ part: PartEntry, _ lastFlush: UInt64) -> UInt64 {
        lastFlush - min(lastFlush, part.flushRange.upperBound)
    }

    private func isFinal(_ part: PartEntry) -> Bool { part.byteCount > options.partBytesMost / 2 }

    /// The smallest parts that fit into one merge.
    private func choose(_ parts: [PartEntry], partition: Partition) -> Choice? {
        var chosen: [PartEntry] = []
        var byteCount = 0
        for part in parts.sorted(by: { ($0.byteCount, $0.number) < ($1.byteCount, $1.number) }) {
            if chosen.count == options.mergeFanInMost { break }
            if chosen.count > 1, byteCount + part.byteCount > options.partBytesMost { break }
            chosen.append(part)
            byteCount += part.byteCount
        }
        // Older rows come first where keys are equal.
        chosen.sort {
            ($0.flushRange.lowerBound, $0.number) < ($1.flushRange.lowerBound, $1.number)
        }
        return chosen.count > 1 || partition == .mixed
            ? Choice(partition: partition, parts: chosen) : nil
    }
}

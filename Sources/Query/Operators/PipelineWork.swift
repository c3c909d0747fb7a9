internal import Base
internal import Expressions
internal import Store

/// The work of a pipeline, in pieces that threads take one after the other.
///
/// A piece is some granules of one part, or one batch. A thread stays with a part while there are
/// pieces of it, as dictionaries and groups are those of a part; then it takes a part that nobody
/// has begun, and at last helps with the one that has most left.
final class PipelineWork: Sendable {
    /// One piece.
    struct Piece: Sendable {
        /// The number of the part.
        var part: Int
        /// Which of its granules.
        var granules: Range<Int>
    }

    private struct Progress {
        var granuleCount: Int
        var next = 0
        var isBegun = false

        var left: Int { granuleCount - next }
    }

    private let progress: Locked<[Progress]>
    private let granulesPerPiece: Int

    /// Work on parts with so many granules.
    init(granuleCounts: [Int], granulesPerPiece: Int) {
        self.granulesPerPiece = granulesPerPiece
        progress = Locked(granuleCounts.map { Progress(granuleCount: $0) })
    }

    /// The next piece for a thread that was last busy with a part; nil where nothing is left.
    func next(after last: Int?) -> Piece? {
        let most = granulesPerPiece
        return progress.withLock { progress in
            var chosen: Int?
            if let last, progress[last].left > 0 {
                chosen = last
            } else {
                chosen = progress.indices.first { !progress[$0].isBegun && progress[$0].left > 0 }
                if chosen == nil {
                    chosen = progress.indices.max { progress[$0].left < progress[$1].left }
                }
            }
            guard let part = chosen, progress[part].left > 0 else { return nil }
            progress[part].isBegun = true
            let start = progress[part].next
            let end = min(start + most, progress[part].granuleCount)
            progress[part].next = end
            return Piece(part: part, granules: start..<end)
        }
    }

    /// All pieces in the order of the rows.
    static func pieces(granuleCounts: [Int], granulesPerPiece: Int) -> [Piece] {
        granuleCounts.enumerated().flatMap { part, count in
            stride(from: 0, to: count, by: granulesPerPiece).map { start in
                Piece(part: part, granules: start..<min(start + granulesPerPiece, count))
            }
        }
    }
}

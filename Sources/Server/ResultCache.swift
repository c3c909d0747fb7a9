internal import Base
package import HTTP
package import Query

/// A finished answer, without the headers that depend on who asks.
package struct CachedAnswer: Sendable {
    /// As it is sent, not compressed.
    package var body: [UInt8]
    /// The same gzipped; nil while no one has asked for it.
    package var gzipped: [UInt8]?
    /// `Content-Type`, and what the format says in headers.
    package var headers: [Response.Header]

    package init(body: [UInt8], headers: [Response.Header]) {
        self.body = body
        self.headers = headers
    }

    /// What both forms take.
    var byteCount: Int { body.count + (gzipped?.count ?? 0) }

    /// Whether it pays to gzip the body.
    private var isCompressible: Bool { body.count > Compression.thresholdBytes }

    /// The length of the body in a form that is at hand; nil if it would have to be gzipped first.
    func readyLength(gzip: Bool) -> Int? {
        gzip && isCompressible ? gzipped?.count : body.count
    }

    /// Gzips the body if that is asked for and pays; true if it was not there before.
    mutating func makeReady(gzip: Bool) -> Bool {
        guard gzip, isCompressible, gzipped == nil else { return false }
        gzipped = Compression.gzip(body)
        return gzipped != nil
    }

    /// The answer to a client, with further headers.
    func response(gzip: Bool, _ more: [Response.Header]) -> Response {
        guard gzip, let gzipped else {
            return Response(status: 200, headers: headers + more, body: body)
        }
        let encoding = Response.Header("Content-Encoding", "gzip")
        return Response(status: 200, headers: headers + more + [encoding], body: gzipped)
    }
}

/// The answers to questions that were asked last, within a budget of bytes.
///
/// Of each question there is one answer, with the version that it is of: a newer one takes its
/// place. When the budget is spent those that were not asked for the longest time go.
package final class ResultCache: Sendable {
    /// One answer may take this share of the budget.
    private static let shareOfOne = 8
    /// What an entry takes beside its bytes.
    private static let overhead = 256
    /// Longer questions are not worth their place.
    private static let questionBytesMax = 65_536

    private let budget: Int
    private let state = Locked(State())

    /// A cache that keeps within so many bytes; 0 keeps nothing.
    package init(budget: Int) { self.budget = budget }

    /// What the entries take, in bytes.
    package var byteCount: Int { state.withLock { $0.byteCount } }

    /// The answer of that very version.
    package func find(_ key: AnswerKey) -> CachedAnswer? {
        guard budget > 0, key.question.count <= Self.questionBytesMax else { return nil }
        return state.withLock { $0.find(key) }
    }

    /// Keeps an answer, unless it is too large.
    package func insert(_ answer: CachedAnswer, for key: AnswerKey) {
        let byteCount =
            answer.byteCount + key.question.count + key.version.count + Self.overhead
        guard byteCount <= budget / Self.shareOfOne,
            key.question.count <= Self.questionBytesMax
        else { return }
        // What goes is released outside of the lock.
        let gone = state.withLock { state in
            var gone = state.insert(answer, key, byteCount)
            while state.byteCount > budget, let oldest = state.removeOldest() {
                gone.append(oldest)
            }
            return gone
        }
        _ = consume gone
    }

    private struct Entry {
        let key: AnswerKey
        let answer: CachedAnswer
        let byteCount: Int
        /// The neighbours in the order of use; -1 at its ends.
        var older = -1
        var newer = -1
    }

    private struct State {
        private(set) var byteCount = 0
        private var places: [[UInt8]: Int] = [:]
        private var entries: [Entry?] = []
        private var free: [Int] = []
        private var oldest = -1
        private var newest = -1

        mutating func find(_ key: AnswerKey) -> CachedAnswer? {
            guard let place = places[key.question], let entry = entries[place],
                entry.key.version == key.version
            else { return nil }
            unlink(place)
            link(place)
            return entry.answer
        }

        mutating func insert(
            _ answer: CachedAnswer, _ key: AnswerKey, _ byteCount: Int
        ) -> [CachedAnswer] {
            let replaced = places[key.question].flatMap { remove($0) }
            let entry = Entry(key: key, answer: answer, byteCount: byteCount)
            let place = free.popLast() ?? entries.count
            if place == entries.count { entries.append(entry) } else { entries[place] = entry }
            places[key.question] = place
            self.byteCount += byteCount
            link(place)
            return replaced.map { [$0] } ?? []
        }

        mutating func removeOldest() -> CachedAnswer? { oldest < 0 ? nil : remove(oldest) }

        private mutating func remove(_ place: Int) -> CachedAnswer? {
            guard let entry = entries[place] else { return nil }
            unlink(place)
            entries[place] = nil
            free.append(place)
            places[entry.key.question] = nil
            byteCount -= entry.byteCount
            return entry.answer
        }

        /// Takes an entry out of the order of use.
        private mutating func unlink(_ place: Int) {
            guard let entry = entries[place] else { return }
            if entry.older < 0 {
                oldest = entry.newer
            } else {
                entries[entry.older]?.newer = entry.newer
            }
            if entry.newer < 0 {
                newest = entry.older
            } else {
                entries[entry.newer]?.older = entry.older
            }
        }

        /// Makes an entry the one that was used last.
        private mutating func link(_ place: Int) {
            entries[place]?.older = newest
            entries[place]?.newer = -1
            if newest < 0 { oldest = place } else { entries[newest]?.newer = place }
            newest = place
        }
    }
}

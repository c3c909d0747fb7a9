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

    private struct Entry {
        let version: [UInt8]
        let answer: CachedAnswer
    }

    private let budget: Int
    private let entries: Locked<RecencyCache<[UInt8], Entry>>

    /// A cache that keeps within so many bytes; 0 keeps nothing.
    package init(budget: Int) {
        self.budget = budget
        entries = Locked(RecencyCache(budget: budget))
    }

    /// What the entries take, in bytes.
    package var byteCount: Int { entries.withLock { $0.byteCount } }

    /// The answer of that very version.
    package func find(_ key: AnswerKey) -> CachedAnswer? {
        guard budget > 0, key.question.count <= Self.questionBytesMax else { return nil }
        let entry = entries.withLock { entries in
            entries.find(key.question) { $0.version == key.version }
        }
        return entry?.answer
    }

    /// Keeps an answer, unless it is too large.
    package func insert(_ answer: CachedAnswer, for key: AnswerKey) {
        let byteCount =
            answer.byteCount + key.question.count + key.version.count + Self.overhead
        guard byteCount <= budget / Self.shareOfOne,
            key.question.count <= Self.questionBytesMax
        else { return }
        let entry = Entry(version: key.version, answer: answer)
        // What goes is released outside of the lock.
        let gone = entries.withLock { $0.insert(entry, for: key.question, byteCount: byteCount) }
        _ = consume gone
    }
}

/// How a body holds its events.
package enum BodyForm: Sendable, Equatable, CaseIterable {
    /// One event, an object.
    case single
    /// `{"events":[…]}`, whose other keys are ignored, or `[…]`; the first byte decides.
    case batch
    /// One object a line; empty lines are skipped.
    case ndjson
}

/// What became of the events of a body that could be read.
package struct BodyOutcome: Sendable, Equatable {
    /// How many events the builder took.
    package var acceptedCount: Int
    /// The others, by index.
    package var rejected: [RejectedEvent]

    package init(acceptedCount: Int, rejected: [RejectedEvent] = []) {
        self.acceptedCount = acceptedCount
        self.rejected = rejected
    }
}

/// One event of a body that was not taken, and why.
package struct RejectedEvent: Sendable, Equatable {
    /// Its number in the body, from 0; in NDJSON lines without content are not counted.
    package var index: Int
    /// The kind of violation, in snake case.
    package var code: String
    /// A sentence for the client's developer.
    package var message: String

    package init(index: Int, code: String, message: String) {
        self.index = index
        self.code = code
        self.message = message
    }
}

/// Why a whole body was refused: none of its events counts.
package struct BodyError: Error, Sendable, Equatable {
    /// The kind of violation, in snake case.
    package var code: String
    /// A sentence for the client's developer.
    package var message: String
    /// The HTTP status of the answer: 400, or 413 where the body is too large.
    package var status: Int

    package init(code: String, message: String, status: Int = 400) {
        self.code = code
        self.message = message
        self.status = status
    }
}

internal import Base
internal import Expressions
internal import HTTP
internal import Query

/// The answer to one query in SQL: small ones go out whole, large ones while they are made.
///
/// Used by the one thread that runs the query.
final class SelectAnswer {
    /// What is held back before the answer becomes a stream.
    private static let wholeBytesMost = 1 << 20

    private let responder: Responder
    private var format = ResultFormat.json
    private var writer: ResultWriter?
    private var stream: BodyStream?

    init(_ responder: Responder) { self.responder = responder }

    /// Rows that were written.
    var rows: Int { writer?.rows ?? 0 }

    /// What the request says comes before what the query does.
    func setFormat(_ asked: ResultFormat?, _ named: String?) throws(QueryError) {
        if let named {
            guard let found = ResultFormat(named: named) else {
                throw QueryError(
                    status: 400, code: "unknown_format",
                    message: "unknown format \"\(named)\"; known: json, ndjson, csv, tsv")
            }
            format = found
        }
        if let asked { format = asked }
    }

    func begin(_ columns: [OutputColumn]) { writer = ResultWriter(columns, format) }

    func append(
        _ batch: Batch, _ control: QueryControl, rowsMost: Int
    ) throws(QueryError) {
        writer?.append(batch)
        guard rows <= rowsMost else {
            throw QueryError(
                status: 422, code: "query_limit",
                message: "the answer has more than \(rowsMost) rows; add a LIMIT, or raise the "
                    + "limit query.rows")
        }
        if writer?.count ?? 0 > Self.wholeBytesMost { try send(control) }
    }

    private func send(_ control: QueryControl) throws(QueryError) {
        guard let bytes = writer?.take() else { return }
        let stream = self.stream ?? start()
        // A client that reads nothing for so long has gone, for all that can be told.
        while !stream.write(bytes, until: Clock.monotonicNanoseconds() + 100_000_000) {
            if stream.isClosed { control.cancel() }
            try control.check()
        }
    }

    private func start() -> BodyStream {
        let stream = BodyStream()
        self.stream = stream
        var response = Response(status: 200, headers: headers)
        response.stream = stream
        if !responder.answer(response) { stream.fail() }
        return stream
    }

    private var headers: [Response.Header] {
        [
            Response.Header("Content-Type", format.contentType),
            Response.Header("Cache-Control", CachePolicy.never),
        ]
    }

    func finish(_ statistics: SelectStatistics) {
        writer?.finish(statistics)
        let rest = writer?.take() ?? []
        guard let stream else {
            responder.answer(Response(status: 200, headers: headers, body: rest))
            return
        }
        _ = stream.write(rest, until: Clock.monotonicNanoseconds() + 10_000_000_000)
        stream.finish()
    }

    /// Says what went wrong; a stream that has begun can only be cut.
    func fail(_ error: QueryError) {
        if let stream { stream.fail() } else { responder.answer(Response(error)) }
    }
}

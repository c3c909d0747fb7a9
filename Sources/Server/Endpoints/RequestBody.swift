internal import Base
internal import Events
internal import HTTP

/// The body of a request as its events' text: as it came, or decompressed.
@safe
struct RequestBody: ~Copyable {
    private let borrowed: UnsafeRawBufferPointer
    private let decompressed: [UInt8]?

    /// Undoes the Content-Encoding, if there is one.
    ///
    /// Valid as long as the request.
    init(_ request: borrowing Request, limit: Int) throws(RequestError) {
        unsafe borrowed = request.body
        guard unsafe !borrowed.isEmpty else { throw .emptyBody }
        guard let name = request.header("Content-Encoding") else {
            decompressed = nil
            return
        }
        guard let encoding = try Self.encoding(named: name) else {
            decompressed = nil
            return
        }
        do {
            decompressed = try BodyDecoding.decompress(
                request.bodyBytes, encoding, bytesMax: limit)
        } catch {
            throw .badBody(error)
        }
    }

    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        guard let decompressed else { return unsafe body(borrowed) }
        return unsafe decompressed.withUnsafeBytes { unsafe body($0) }
    }

    /// Nil for `identity`.
    private static func encoding(named name: String) throws(RequestError) -> BodyEncoding? {
        switch name.lowercased() {
        case "", "identity": return nil
        case "gzip", "x-gzip": return .gzip
        case "deflate": return .deflate
        default: throw .unknownContentEncoding(name)
        }
    }
}

/// Content-Encodings of request bodies.
package enum BodyEncoding: Sendable, Equatable, CaseIterable {
    case gzip
    /// With a zlib wrapper, as RFC 9110 says, or without, as some clients send it.
    case deflate
}

/// Undoes a Content-Encoding.
package enum BodyDecoding {
    /// The decompressed body, of at most `bytesMax` bytes.
    package static func decompress(
        _ body: [UInt8], _ encoding: BodyEncoding, bytesMax: Int
    ) throws(BodyError) -> [UInt8] {
        throw BodyError(code: "invalid_encoding", message: "the body ends too early")
    }
}

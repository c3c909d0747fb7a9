internal import CZlib

/// Compression of answers with gzip.
package enum Compression {
    /// Smaller bodies are not worth it.
    package static var thresholdBytes: Int { 1_024 }

    /// Whether an `Accept-Encoding` header takes gzip: it names gzip or `*` with a quality above 0.
    static func acceptsGzip(_ header: String) -> Bool {
        var star = false
        for piece in header.split(separator: ",") {
            let parts = piece.split(separator: ";").map(trimmed)
            guard let coding = parts.first?.lowercased() else { continue }
            let refused = parts.dropFirst().contains { part in
                part.lowercased().hasPrefix("q=") && (Double(part.dropFirst(2)) ?? 1) <= 0
            }
            if coding == "gzip" || coding == "x-gzip" { return !refused }
            if coding == "*" { star = !refused }
        }
        return star
    }

    /// Compresses the body in place, unless it has a coding already or does not shrink.
    static func compress(_ response: inout Response) {
        let encoded = response.headers.contains { $0.name.lowercased() == "content-encoding" }
        guard !encoded, let packed = gzip(response.body), packed.count < response.body.count
        else { return }
        response.body = packed
        response.headers.append(Response.Header("Content-Encoding", "gzip"))
    }

    /// The gzip form of the bytes, at the fastest level that still finds long matches.
    package static func gzip(_ bytes: [UInt8]) -> [UInt8]? {
        var stream = unsafe z_stream()
        // 15 bits of window, and 16 says that the container is gzip.
        let started = unsafe deflateInit2_(
            &stream, 4, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard started == Z_OK else { return nil }
        defer { unsafe deflateEnd(&stream) }
        let bound = Int(unsafe deflateBound(&stream, UInt(bytes.count)))
        var input = bytes
        var finished = false
        let packed = unsafe [UInt8](unsafeUninitializedCapacity: bound) { output, count in
            unsafe input.withUnsafeMutableBufferPointer { input in
                unsafe stream.next_in = input.baseAddress
                unsafe stream.avail_in = UInt32(input.count)
                unsafe stream.next_out = output.baseAddress
                unsafe stream.avail_out = UInt32(output.count)
                finished = unsafe deflate(&stream, Z_FINISH) == Z_STREAM_END
                count = unsafe output.count - Int(stream.avail_out)
            }
        }
        return finished ? packed : nil
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}

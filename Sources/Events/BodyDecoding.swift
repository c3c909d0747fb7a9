internal import CZlib

/// Content-Encodings of request bodies.
package enum BodyEncoding: Sendable, Equatable, CaseIterable {
    /// One or more members, one behind the other.
    case gzip
    /// With a zlib wrapper, as RFC 9110 says, or without, as some clients send it.
    case deflate
}

/// Undoes a Content-Encoding.
package enum BodyDecoding {
    /// The decompressed body, of at most `bytesMax` bytes.
    ///
    /// Inflates piece by piece into a buffer that grows, so that a small body that would become a
    /// huge one costs no more than `bytesMax`. `invalid_encoding` where the body is not what the
    /// encoding says, ends too early or goes on after its end; `body_too_large`, 413, beyond the
    /// limit.
    package static func decompress(
        _ body: [UInt8], _ encoding: BodyEncoding, bytesMax: Int
    ) throws(BodyError) -> [UInt8] {
        var inflater = try Inflater(body, encoding)
        return try inflater.run(bytesMax: bytesMax)
    }
}

/// One decompression.
@safe
private struct Inflater: ~Copyable {
    /// On the heap: zlib's state points back to it, so it must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private let body: [UInt8]
    private let encoding: BodyEncoding
    private var consumed = 0
    private var output: [UInt8] = []

    init(_ body: [UInt8], _ encoding: BodyEncoding) throws(BodyError) {
        self.body = body
        self.encoding = encoding
        // 15 bits of window; 16 more asks for the gzip wrapper, a negative number for none.
        let windowBits: Int32 =
            switch encoding {
            case .gzip: 15 + 16
            case .deflate: Self.hasZlibHeader(body) ? 15 : -15
            }
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let status = unsafe inflateInit2_(
            stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else {
            throw BodyError(
                code: "body_too_large", message: "no memory to decompress the body", status: 413)
        }
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// Whether the first two bytes are those of RFC 1950: method 8, and a multiple of 31.
    private static func hasZlibHeader(_ body: [UInt8]) -> Bool {
        guard body.count >= 2 else { return false }
        return body[0] & 0x0F == 8 && (Int(body[0]) << 8 | Int(body[1])) % 31 == 0
    }

    mutating func run(bytesMax: Int) throws(BodyError) -> [UInt8] {
        var filled = 0
        while true {
            // One byte more than is allowed, to notice what exceeds it.
            let wanted = min(bytesMax + 1, max(4_096, filled * 2, body.count * 4))
            if output.count < wanted {
                output.append(contentsOf: repeatElement(0, count: wanted - output.count))
            }
            let status = step(&filled)
            guard filled <= bytesMax else {
                throw BodyError(
                    code: "body_too_large",
                    message: "the body has more than \(bytesMax) bytes after decompression",
                    status: 413)
            }
            if status == Z_STREAM_END {
                if consumed == body.count { break }
                guard encoding == .gzip, unsafe inflateReset(stream) == Z_OK else {
                    throw Self.invalid("goes on after its end", encoding)
                }
            } else if status != Z_OK {
                let isCut = status == Z_BUF_ERROR && consumed == body.count
                throw Self.invalid(isCut ? "ends too early" : "cannot be decompressed", encoding)
            } else if consumed == body.count, filled < output.count {
                throw Self.invalid("ends too early", encoding)
            }
        }
        output.removeLast(output.count - filled)
        return output
    }

    /// Inflates into what is free of the output.
    private mutating func step(_ filled: inout Int) -> Int32 {
        let room = output.count - filled
        let start = filled
        let from = consumed
        var status = Z_OK
        unsafe body.withUnsafeBufferPointer { input in
            unsafe output.withUnsafeMutableBufferPointer { target in
                // zlib does not write to its input; only its type says it might.
                unsafe stream.pointee.next_in = UnsafeMutablePointer(
                    mutating: input.baseAddress?.advanced(by: from))
                unsafe stream.pointee.avail_in = UInt32(input.count - from)
                unsafe stream.pointee.next_out = target.baseAddress?.advanced(by: start)
                unsafe stream.pointee.avail_out = UInt32(room)
                status = unsafe inflate(stream, Z_NO_FLUSH)
            }
        }
        consumed = body.count - Int(unsafe stream.pointee.avail_in)
        filled += room - Int(unsafe stream.pointee.avail_out)
        return status
    }

    private static func invalid(_ what: String, _ encoding: BodyEncoding) -> BodyError {
        BodyError(code: "invalid_encoding", message: "the \(encoding) body \(what)")
    }
}

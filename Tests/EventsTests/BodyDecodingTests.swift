import CZlib
import Events
import Testing

@Suite struct BodyDecodingTests {
    private let text = Array(String(repeating: #"{"eventType":"click"}"# + "\n", count: 500).utf8)

    @Test(arguments: [Wrapper.gzip, .zlib, .raw])
    func undoesWhatClientsSend(wrapper: Wrapper) throws {
        for body in [text, [], [1], Array(repeating: 7, count: 100_000)] {
            let packed = pack(body, wrapper)
            #expect(
                try BodyDecoding.decompress(packed, wrapper.encoding, bytesMax: 100_000) == body)
        }
    }

    @Test func joinsTheMembersOfGzip() throws {
        let packed = pack(text, .gzip) + pack([], .gzip) + pack(text, .gzip)
        #expect(
            try BodyDecoding.decompress(packed, .gzip, bytesMax: 1 << 20) == text + text)
    }

    @Test(arguments: [Wrapper.gzip, .zlib, .raw])
    func refusesWhatIsTooLarge(wrapper: Wrapper) {
        let bomb = pack(Array(repeating: 0, count: 4 << 20), wrapper)
        #expect(bomb.count < 10_000)
        #expect(failure(bomb, wrapper, bytesMax: 1 << 20) == Failure("body_too_large", 413))
        #expect(failure(bomb, wrapper, bytesMax: 4 << 20) == nil)
        #expect(failure(bomb, wrapper, bytesMax: (4 << 20) - 1) == Failure("body_too_large", 413))
    }

    @Test(arguments: [Wrapper.gzip, .zlib, .raw])
    func refusesWhatIsCutOrGoesOn(wrapper: Wrapper) {
        let packed = pack(text, wrapper)
        for length in packed.indices {
            let cut = Array(packed[..<length])
            #expect(failure(cut, wrapper) == Failure("invalid_encoding", 400), "\(length)")
        }
        #expect(failure(packed + [1, 2], wrapper) == Failure("invalid_encoding", 400))
        #expect(failure(text, wrapper) == Failure("invalid_encoding", 400))
    }

    @Test func noticesDamageByTheChecksum() {
        var packed = pack(text, .gzip)
        packed[packed.count - 6] ^= 1
        #expect(failure(packed, .gzip) == Failure("invalid_encoding", 400))
    }

    enum Wrapper: Int32 {
        case gzip = 31
        case zlib = 15
        case raw = -15

        var encoding: BodyEncoding { self == .gzip ? .gzip : .deflate }
    }

    private struct Failure: Equatable {
        let code: String
        let status: Int

        init(_ code: String, _ status: Int) {
            self.code = code
            self.status = status
        }
    }

    private func failure(
        _ body: [UInt8], _ wrapper: Wrapper, bytesMax: Int = 1 << 20
    ) -> Failure? {
        do {
            _ = try BodyDecoding.decompress(body, wrapper.encoding, bytesMax: bytesMax)
            return nil
        } catch {
            return Failure(error.code, error.status)
        }
    }

    /// Compresses in one step.
    private func pack(_ body: [UInt8], _ wrapper: Wrapper) -> [UInt8] {
        var stream = unsafe z_stream()
        var input = body
        var output = [UInt8](repeating: 0, count: body.count + 1_000)
        let outputCount = output.count
        unsafe deflateInit2_(
            &stream, 6, Z_DEFLATED, wrapper.rawValue, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        unsafe input.withUnsafeMutableBufferPointer { source in
            unsafe output.withUnsafeMutableBufferPointer { target in
                unsafe stream.next_in = source.baseAddress
                unsafe stream.avail_in = UInt32(source.count)
                unsafe stream.next_out = target.baseAddress
                unsafe stream.avail_out = UInt32(target.count)
                unsafe deflate(&stream, Z_FINISH)
            }
        }
        let packed = Array(output.prefix(outputCount - Int(unsafe stream.avail_out)))
        unsafe deflateEnd(&stream)
        return packed
    }
}

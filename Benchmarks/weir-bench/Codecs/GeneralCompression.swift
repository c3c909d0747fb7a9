internal import Base
internal import CLZ4
internal import Codecs

/// The compressors that an encoding is compared with: what they make of the plain bytes.
enum GeneralCompression: CaseIterable {
    case lz4
    case zstd

    /// The compressed bytes; nil where they are no shorter.
    func compress(_ bytes: [UInt8]) -> [UInt8]? {
        switch self {
        case .zstd:
            var compressor = ZstdCompressor(level: 1)
            var target: [UInt8] = []
            return compressor.append(bytes.span, to: &target) ? target : nil
        case .lz4:
            var target = [UInt8](repeating: 0, count: bytes.count)
            let written = unsafe bytes.withUnsafeBytes { source in
                unsafe target.withUnsafeMutableBytes { room in
                    unsafe LZ4_compress_default(
                        source.baseAddress?.assumingMemoryBound(to: CChar.self),
                        room.baseAddress?.assumingMemoryBound(to: CChar.self),
                        Int32(source.count), Int32(room.count))
                }
            }
            guard written > 0 else { return nil }
            target.removeLast(target.count - Int(written))
            return target
        }
    }

    /// Decompresses into `target`, which has the size of the plain bytes.
    func decompress(
        _ bytes: [UInt8], _ decompressor: inout ZstdDecompressor, into target: inout [UInt8]
    ) throws(CorruptionError) {
        switch self {
        case .zstd:
            try decompressor.decompress(bytes.span, count: target.count, into: &target)
        case .lz4:
            let written = unsafe bytes.withUnsafeBytes { source in
                unsafe target.withUnsafeMutableBytes { room in
                    unsafe LZ4_decompress_safe(
                        source.baseAddress?.assumingMemoryBound(to: CChar.self),
                        room.baseAddress?.assumingMemoryBound(to: CChar.self),
                        Int32(source.count), Int32(room.count))
                }
            }
            guard Int(written) == target.count else {
                throw CorruptionError(
                    offset: 0, expected: "\(target.count) bytes", found: "\(written)")
            }
        }
    }
}

package import Base
internal import CZstd

/// A Zstd decompression context, reused from block to block.
@safe
package struct ZstdDecompressor: ~Copyable, @unchecked Sendable {
    private let context: OpaquePointer

    /// Makes a context.
    package init() {
        guard let context = unsafe ZSTD_createDCtx() else {
            fatalError("no memory for a Zstd context")
        }
        unsafe self.context = context
    }

    deinit {
        unsafe ZSTD_freeDCtx(context)
    }

    /// Decompresses one frame into `target`, which it replaces, as exactly `count` bytes.
    ///
    /// The caller has checked `count` against its limit: that much is allocated before the frame
    /// is looked at, and never more.
    package mutating func decompress(
        _ source: Span<UInt8>, count: Int, into target: inout [UInt8]
    ) throws(CorruptionError) {
        if target.count > count {
            target.removeLast(target.count - count)
        } else {
            target.append(contentsOf: repeatElement(0, count: count - target.count))
        }
        let written = unsafe target.withUnsafeMutableBytes { room in
            unsafe source.withUnsafeBytes { bytes in
                unsafe ZSTD_decompressDCtx(
                    context, room.baseAddress, room.count, bytes.baseAddress, bytes.count)
            }
        }
        guard ZSTD_isError(written) == 0 else {
            let reason = unsafe String(cString: ZSTD_getErrorName(written))
            throw CorruptionError(
                offset: 0, expected: "a Zstd frame of \(count) bytes", found: reason)
        }
        guard written == count else {
            throw CorruptionError(
                offset: 0, expected: "a Zstd frame of \(count) bytes", found: "\(written)")
        }
    }
}

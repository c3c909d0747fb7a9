internal import CZstd

/// A Zstd compression context and its level, reused from block to block.
@safe
package struct ZstdCompressor: ~Copyable, @unchecked Sendable {
    private let context: OpaquePointer
    private let level: Int32

    /// Level 1 is the fastest of the format's usual levels, and what flushes use.
    package init(level: Int = 1) {
        guard let context = unsafe ZSTD_createCCtx() else {
            fatalError("no memory for a Zstd context")
        }
        unsafe self.context = context
        self.level = Int32(clamping: level)
    }

    deinit {
        unsafe ZSTD_freeCCtx(context)
    }

    /// Appends a Zstd frame of the bytes if it saves at least a tenth of them.
    ///
    /// Otherwise appends nothing and returns false: decompressing would cost more than it saves.
    package mutating func append(_ source: Span<UInt8>, to target: inout [UInt8]) -> Bool {
        let start = target.count
        let budget = source.count - source.count / 10 - 1
        guard budget > ZstdCompressor.frameBytesMin else { return false }
        // A target shorter than the bound makes Zstd give up early, which is what is wanted.
        target.append(contentsOf: repeatElement(0, count: budget))
        let written = unsafe target.withUnsafeMutableBytes { room in
            unsafe source.withUnsafeBytes { bytes in
                unsafe ZSTD_compressCCtx(
                    context, room.baseAddress.map { unsafe $0 + start }, budget,
                    bytes.baseAddress, bytes.count, level)
            }
        }
        guard ZSTD_isError(written) == 0 else {
            target.removeLast(budget)
            return false
        }
        target.removeLast(budget - written)
        return true
    }

    /// No frame is shorter: magic, frame header, block header.
    private static let frameBytesMin = 9
}

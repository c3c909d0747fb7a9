package import Base
internal import CZstd

/// A Zstd decompression context, reused from block to block.
///
/// Making one costs as much as decompressing some hundred kilobytes, so those given up are kept for
/// the next.
@safe
package struct ZstdDecompressor: ~Copyable, @unchecked Sendable {
    private let context: OpaquePointer

    /// Takes a context that was given up, or makes one.
    package init() {
        if let idle = unsafe idleContexts.withLock({ unsafe $0.contexts.popLast() }) {
            unsafe context = idle
            return
        }
        guard let context = unsafe ZSTD_createDCtx() else {
            fatalError("no memory for a Zstd context")
        }
        unsafe self.context = context
    }

    deinit {
        let isKept = idleContexts.withLock { idle in
            guard unsafe idle.contexts.count < IdleContexts.countMost else { return false }
            unsafe idle.contexts.append(context)
            return true
        }
        if !isKept { unsafe ZSTD_freeDCtx(context) }
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

/// Contexts that nobody uses; each holds about 160 KB.
@safe
private struct IdleContexts: @unchecked Sendable {
    static let countMost = 8
    // A context belongs to who took it out, and nobody else has its pointer.
    var contexts: [OpaquePointer] = unsafe []
}

private let idleContexts = Locked(IdleContexts())

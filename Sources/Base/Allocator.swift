internal import CLinux

/// The memory allocator of the process.
package enum Allocator {
    /// Lets it keep up to so many free bytes for what is allocated next.
    ///
    /// By default glibc gives larger pieces back to the kernel at once, and the next query or flush
    /// faults them in again, page by page, zeroed: a fifth of the time of some queries.
    package static func keepFree(byteCount: Int) {
        weir_keep_free_memory(Int32(clamping: byteCount))
    }
}

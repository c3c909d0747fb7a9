internal import CLinux
internal import Glibc

/// The memory that some work takes, as Linux counts it.
enum MemoryGrowth {
    /// By how many bytes the resident memory of the process grows at most meanwhile.
    ///
    /// What malloc holds and does not use is given back first, else it would be taken again unseen.
    static func most<Failure: Error>(
        _ work: () throws(Failure) -> Void
    ) throws(Failure) -> Int {
        weir_release_free_memory()
        forgetGreatest()
        let before = ProcessUsage.current?.residentBytes ?? 0
        try work()
        return (ProcessUsage.current?.residentBytesMax ?? 0) - before
    }

    /// Has Linux count the greatest resident memory from now on.
    private static func forgetGreatest() {
        guard let file = unsafe fopen("/proc/self/clear_refs", "w") else { return }
        unsafe fputs("5", file)
        unsafe fclose(file)
    }
}

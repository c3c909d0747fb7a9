internal import Base
internal import Glibc

/// One piece of a batch: a transfer between memory and a file, or a sync.
///
/// Both ways of doing it, the ring and the plain system calls, feed results to `complete`, so
/// that interruption and short transfers are handled once.
@safe
struct DiskJob {
    enum Verb {
        case read
        case write
        /// The data, and of the metadata what is needed to read it.
        case syncData
        /// Everything; for folders.
        case syncAll
    }

    enum Progress: Equatable {
        case done
        case again
        case failed(SystemError)
    }

    var verb: Verb
    var file: Int32
    var memory: UnsafeMutableRawPointer?
    var byteCount: Int
    var offset: Int

    /// The greatest transfer in one piece: a large one is split, so that its pieces run at once.
    static let transferBytesMax = 1 << 20

    static func sync(_ verb: Verb, _ file: Int32) -> DiskJob {
        unsafe DiskJob(verb: verb, file: file, memory: nil, byteCount: 0, offset: 0)
    }

    /// A transfer whose memory the caller keeps track of.
    static func transfer(
        _ verb: Verb, _ file: FileHandle, _ byteCount: Int, _ offset: Int
    ) -> DiskJob {
        unsafe DiskJob(
            verb: verb, file: file.number, memory: nil, byteCount: byteCount, offset: offset)
    }

    /// Appends the transfer of all of `memory`, in pieces.
    static func appendTransfer(
        _ verb: Verb, _ file: Int32, _ memory: UnsafeMutableRawBufferPointer, offset: Int,
        to jobs: inout [DiskJob]
    ) {
        var done = 0
        while done < memory.count {
            let byteCount = min(transferBytesMax, memory.count - done)
            jobs.append(
                unsafe DiskJob(
                    verb: verb, file: file, memory: memory.baseAddress.map { unsafe $0 + done },
                    byteCount: byteCount, offset: offset + done))
            done += byteCount
        }
    }

    /// Takes the result of one attempt, a byte count or a negated errno; after `again` the job is
    /// what is left to do.
    mutating func complete(_ result: Int) -> Progress {
        if result < 0 {
            let code = Int32(-result)
            if code == EINTR || code == EAGAIN { return .again }
            invariant(code != EBADF && code != EFAULT, "disk I/O failed with errno \(code)")
            return .failed(SystemError(code: code))
        }
        if verb == .syncData || verb == .syncAll { return .done }
        invariant(result <= byteCount, "\(result) bytes moved of \(byteCount)")
        if result == byteCount { return .done }
        if result == 0 {
            return .failed(verb == .read ? .endOfFile : SystemError(code: EIO))
        }
        // SAFETY: result < byteCount, so the pointer stays within the job's memory.
        unsafe memory = unsafe memory.map { unsafe $0 + result }
        byteCount -= result
        offset += result
        return .again
    }

    /// Performs the job with plain system calls.
    mutating func perform() -> Progress {
        while true {
            let result: Int
            switch verb {
            case .read: result = unsafe pread(file, memory, byteCount, offset)
            case .write: result = unsafe pwrite(file, memory, byteCount, offset)
            case .syncData: result = Int(fdatasync(file))
            case .syncAll: result = Int(fsync(file))
            }
            let progress = complete(result < 0 ? -Int(errno) : result)
            if progress != .again { return progress }
        }
    }
}

/// The first job of a batch that failed.
struct JobFailure: Equatable {
    var index: Int
    var error: SystemError
}

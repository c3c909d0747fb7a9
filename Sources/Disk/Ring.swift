internal import Base
internal import CUring
internal import Glibc

/// An io_uring, used by one thread at a time: a batch goes in whole and comes out whole.
@safe
final class Ring: @unchecked Sendable {
    // `@unchecked`: `RingPool` lends a ring to one thread at a time.

    /// How many jobs are on their way at once.
    static let depth = 128

    private let ring: UnsafeMutablePointer<io_uring>

    /// Fails where the kernel or a container forbids io_uring.
    init() throws(SystemError) {
        unsafe ring = .allocate(capacity: 1)
        unsafe ring.initialize(to: io_uring())
        let result = unsafe io_uring_queue_init(UInt32(Self.depth), ring, 0)
        if result < 0 {
            unsafe ring.deallocate()
            throw SystemError(code: -result)
        }
    }

    deinit {
        unsafe io_uring_queue_exit(ring)
        unsafe ring.deallocate()
    }

    /// Performs all jobs, as many at once as fit; returns when none is on its way any more.
    ///
    /// After a failure no further ones are started.
    func perform(_ jobs: inout [DiskJob]) -> JobFailure? {
        var failure: JobFailure?
        var repeated: [Int] = []
        var next = 0
        var underway = 0
        while true {
            while failure == nil, underway < Self.depth {
                if let index = repeated.popLast() {
                    submit(jobs[index], index)
                } else if next < jobs.count {
                    submit(jobs[next], next)
                    next += 1
                } else {
                    break
                }
                underway += 1
            }
            if underway == 0 { return failure }
            waitForOne()
            while let (index, result) = takeCompletion() {
                underway -= 1
                switch jobs[index].complete(result) {
                case .done: break
                case .again: repeated.append(index)
                case .failed(let error):
                    if failure == nil { failure = JobFailure(index: index, error: error) }
                }
            }
        }
    }

    private func submit(_ job: DiskJob, _ index: Int) {
        guard let entry = unsafe io_uring_get_sqe(ring) else {
            fatalError("the ring has no room, though it holds \(Self.depth) jobs")
        }
        switch job.verb {
        case .read:
            unsafe io_uring_prep_read(
                entry, job.file, job.memory, UInt32(job.byteCount), UInt64(job.offset))
        case .write:
            unsafe io_uring_prep_write(
                entry, job.file, job.memory, UInt32(job.byteCount), UInt64(job.offset))
        case .syncData: unsafe io_uring_prep_fsync(entry, job.file, IORING_FSYNC_DATASYNC)
        case .syncAll: unsafe io_uring_prep_fsync(entry, job.file, 0)
        }
        unsafe io_uring_sqe_set_data64(entry, UInt64(index))
    }

    /// Hands over what was prepared and waits for a completion.
    private func waitForOne() {
        while true {
            let result = unsafe io_uring_submit_and_wait(ring, 1)
            if result >= 0 { return }
            // Interrupted, or the kernel is short of memory for the moment: nothing is lost.
            let mayTryAgain = result == -EINTR || result == -EAGAIN || result == -EBUSY
            invariant(mayTryAgain, "io_uring_submit_and_wait failed with \(result)")
        }
    }

    private func takeCompletion() -> (index: Int, result: Int)? {
        var completion: UnsafeMutablePointer<io_uring_cqe>?
        guard unsafe io_uring_peek_cqe(ring, &completion) == 0, let completion = unsafe completion
        else { return nil }
        let index = unsafe Int(completion.pointee.user_data)
        let result = unsafe Int(completion.pointee.res)
        unsafe io_uring_cqe_seen(ring, completion)
        return (index, result)
    }
}

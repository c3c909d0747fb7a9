internal import Base
internal import Glibc

/// The errno of a system call that failed.
struct SystemError: Error, Equatable {
    var code: Int32

    /// What a read is told that meets the end of the file.
    static let endOfFile = SystemError(code: 0)

    var message: String {
        if code == 0 { return "the file ends early" }
        // SAFETY: strerror returns a terminated string, or null, which is handled.
        guard let text = unsafe strerror(code) else { return "errno \(code)" }
        return unsafe String(cString: text)
    }

    func located(_ operation: String, _ path: String) -> DiskError {
        DiskError(operation: operation, path: path, code: code, message: message)
    }
}

/// Performs a system call, again while a signal interrupts it.
///
/// A bad descriptor or address is an error of this program, so it ends here.
@discardableResult
func systemCall(_ body: () -> Int) throws(SystemError) -> Int {
    while true {
        let result = body()
        if result >= 0 { return result }
        let code = errno
        if code == EINTR { continue }
        invariant(code != EBADF && code != EFAULT, "a system call failed with errno \(code)")
        throw SystemError(code: code)
    }
}

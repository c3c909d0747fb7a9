import Base
import Disk
import Glibc
import Testing

/// The disks that behave alike.
enum DiskKind: CaseIterable, Sendable {
    case uring, threads, faulting

    /// Runs the body with a disk and an empty folder of it, which is removed afterwards.
    func withDisk(_ body: (any Disk, String) throws -> Void) throws {
        switch self {
        case .uring:
            guard LinuxDisk.isUringAvailable else { return }
            try withTemporaryDirectory { try body(LinuxDisk(io: .uring), $0) }
        case .threads:
            try withTemporaryDirectory { try body(LinuxDisk(io: .threads), $0) }
        case .faulting:
            let disk = FaultingDisk(seed: 1)
            try disk.createDirectory("/data")
            try body(disk, "/data")
        }
    }
}

/// Makes a folder for the body and removes it with all that is in it.
func withTemporaryDirectory(_ body: (String) throws -> Void) throws {
    var template = Array("/tmp/weir-disk-XXXXXX".utf8CString)
    // SAFETY: mkdtemp changes bytes of the terminated template and keeps no pointer.
    let made = unsafe template.withUnsafeMutableBufferPointer { buffer in
        unsafe buffer.baseAddress.map { unsafe mkdtemp($0) != nil } ?? false
    }
    try #require(made)
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let disk = LinuxDisk(io: .threads)
    defer { try? removeTree(disk, path) }
    try body(path)
}

func removeTree(_ disk: LinuxDisk, _ path: String) throws {
    for name in try disk.list(path) {
        let child = path + "/" + name
        if try disk.isDirectory(child) {
            try removeTree(disk, child)
        } else {
            try disk.unlink(child)
        }
    }
    try disk.removeDirectory(path)
}

func bytes(_ count: Int, seed: UInt64) -> [UInt8] {
    var random = SeededRandom(seed: seed)
    return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
}

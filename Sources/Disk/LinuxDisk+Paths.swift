internal import Glibc

extension LinuxDisk {
    /// Creates a folder and those above it; see `Disk`.
    package func createDirectory(_ path: String) throws(DiskError) {
        do {
            try systemCall { unsafe Int(mkdir(path, 0o755)) }
        } catch {
            switch error.code {
            case EEXIST where try isDirectory(path): return
            case ENOENT:
                let parent = parentPath(of: path)
                guard parent != path else { throw error.located("create", path) }
                try createDirectory(parent)
                try createDirectory(path)
            default: throw error.located("create", path)
            }
        }
    }

    /// The names in a folder, in byte order.
    package func list(_ path: String) throws(DiskError) -> [String] {
        guard let directory = unsafe opendir(path) else {
            throw SystemError(code: errno).located("list", path)
        }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = unsafe readdir(directory) else {
                if errno != 0 { throw SystemError(code: errno).located("list", path) }
                break
            }
            // SAFETY: the kernel ends every name with a zero byte.
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return sortedByBytes(names)
    }

    /// Whether the path names anything.
    package func exists(_ path: String) throws(DiskError) -> Bool {
        try mode(of: path) != nil
    }

    /// Whether the path names a folder.
    package func isDirectory(_ path: String) throws(DiskError) -> Bool {
        try mode(of: path).map { $0 & S_IFMT == S_IFDIR } ?? false
    }

    /// Renames, replacing the target; see `Disk`.
    package func rename(_ source: String, to target: String) throws(DiskError) {
        _ = try call("rename", source) { unsafe Int(Glibc.rename(source, target)) }
        noteRename(source, to: target)
    }

    /// Gives a file another name; see `Disk`.
    package func link(_ source: String, to target: String) throws(DiskError) {
        _ = try call("link", source) { unsafe Int(Glibc.link(source, target)) }
    }

    /// Removes the name of a file.
    package func unlink(_ path: String) throws(DiskError) {
        _ = try call("unlink", path) { unsafe Int(Glibc.unlink(path)) }
    }

    /// Removes an empty folder.
    package func removeDirectory(_ path: String) throws(DiskError) {
        _ = try call("remove", path) { unsafe Int(rmdir(path)) }
    }

    /// Makes the names in a folder durable.
    package func syncDirectory(_ path: String) throws(DiskError) {
        try syncAll([path])
    }

    /// Bytes that may still be written to the file system of the path.
    package func freeSpace(at path: String) throws(DiskError) -> Int {
        var status = statvfs()
        _ = try call("statvfs", path) { unsafe Int(statvfs(path, &status)) }
        return Int(status.f_bavail) * Int(status.f_frsize)
    }

    /// The kind and permissions of what the path names; nil if nothing.
    private func mode(of path: String) throws(DiskError) -> mode_t? {
        var status = stat()
        do {
            try systemCall { unsafe Int(stat(path, &status)) }
            return status.st_mode
        } catch {
            if error.code == ENOENT || error.code == ENOTDIR { return nil }
            throw error.located("stat", path)
        }
    }
}

/// The folder that a path lies in; "." or "/" where the path names none, or itself at the top.
package func parentPath(of path: String) -> String {
    var bytes = Array(path.utf8)
    while bytes.count > 1, bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
    if bytes == [UInt8(ascii: "/")] { return "/" }
    guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == 0 ? "/" : String(decoding: bytes[..<slash], as: UTF8.self)
}

/// Names in the order of their bytes, which is not always that of `String`.
func sortedByBytes(_ names: [String]) -> [String] {
    names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
}

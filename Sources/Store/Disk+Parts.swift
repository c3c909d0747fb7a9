internal import Disk

extension Disk {
    /// Removes a part: its file, or its folder with all files in it.
    func removePart(_ path: String) throws(DiskError) {
        guard try isDirectory(path) else { return try unlink(path) }
        for name in try list(path) { try unlink("\(path)/\(name)") }
        try removeDirectory(path)
    }
}

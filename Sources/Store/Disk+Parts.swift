internal import Disk

extension Disk {
    /// Removes a part: its file, or its folder with all files in it.
    func removePart(_ path: String) throws(DiskError) {
        try removeTree(path)
    }
}

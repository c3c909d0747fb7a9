internal import Glibc

extension Disk {
    /// Copies a file, synced; the name must not exist.
    package func copy(_ source: String, to target: String) throws(DiskError) {
        let input = try File(self, source, .read)
        try copy(input.handle, byteCount: try size(of: input.handle), to: target)
    }

    /// Copies the first bytes of an open file, synced; the name must not exist.
    package func copy(
        _ source: FileHandle, byteCount: Int, to target: String
    ) throws(DiskError) {
        let output = try File(self, target, .create)
        let pieceBytes = 4 << 20
        for offset in stride(from: 0, to: byteCount, by: pieceBytes) {
            let piece = ReadRange(
                file: source, offset: offset, byteCount: min(pieceBytes, byteCount - offset))
            let bytes = try read([piece])[0]
            try perform(
                WriteBatch(
                    writes: [WriteBatch.Write(file: output.handle, offset: offset, bytes: bytes)]))
        }
        try perform(WriteBatch(syncFiles: [output.handle]))
    }

    /// Gives a file another name where the file system can, else copies it; whether it did that.
    package func linkOrCopy(_ source: String, to target: String) throws(DiskError) -> Bool {
        do throws(DiskError) {
            try link(source, to: target)
            return false
        } catch {
            guard [EXDEV, EPERM, EMLINK, EOPNOTSUPP].contains(error.code) else { throw error }
        }
        try copy(source, to: target)
        return true
    }

    /// Removes a folder with all that is in it, or a file.
    package func removeTree(_ path: String) throws(DiskError) {
        guard try isDirectory(path) else { return try unlink(path) }
        for name in try list(path) { try removeTree("\(path)/\(name)") }
        try removeDirectory(path)
    }
}

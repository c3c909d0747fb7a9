internal import Base
internal import Disk
internal import PartFormat

/// Reads footers, and checks them against what the manifest says.
struct FooterReader {
    let disk: any Disk

    /// The footer of a part from the file that has it; `tail` are the bytes of
    /// `PartFooter.tailRange`, if they are read.
    func read(
        _ entry: PartEntry, _ handle: FileHandle, fileSize: Int, tail: [UInt8]?
    ) throws(StoreError) -> PartFooter {
        let name = entry.path(file: 0)
        let footer = try read(name: name, handle, fileSize: fileSize, tail: tail)
        do throws(CorruptionError) {
            try check(footer, entry, fileSize)
        } catch {
            throw .corrupt(error.located(in: name))
        }
        return footer
    }

    /// The same without a manifest; the name is only for errors.
    func read(
        name: String, _ handle: FileHandle, fileSize: Int, tail: [UInt8]? = nil
    ) throws(StoreError) -> PartFooter {
        let tailRange = PartFooter.tailRange(fileSize: fileSize)
        let tail = if let tail { tail } else { try bytes(handle, tailRange) }
        do throws(CorruptionError) {
            let range = try PartFooter.footerRange(tail: tail.span, fileSize: fileSize)
            if range.lowerBound >= tailRange.lowerBound {
                let start = range.lowerBound - tailRange.lowerBound
                return try PartFooter(
                    decoding: tail.span.extracting(start..<start + range.count),
                    fileSize: fileSize)
            }
        } catch {
            throw .corrupt(error.located(in: name))
        }
        return try readLarge(name, handle, fileSize, tail)
    }

    /// A footer that does not fit into the tail.
    private func readLarge(
        _ name: String, _ handle: FileHandle, _ fileSize: Int, _ tail: [UInt8]
    ) throws(StoreError) -> PartFooter {
        let range: Range<Int>
        do throws(CorruptionError) {
            range = try PartFooter.footerRange(tail: tail.span, fileSize: fileSize)
        } catch {
            throw .corrupt(error.located(in: name))
        }
        let footerBytes = try bytes(handle, range)
        do throws(CorruptionError) {
            return try PartFooter(decoding: footerBytes.span, fileSize: fileSize)
        } catch {
            throw .corrupt(error.located(in: name))
        }
    }

    private func check(
        _ footer: PartFooter, _ entry: PartEntry, _ fileSize: Int
    ) throws(CorruptionError) {
        guard footer.rowCount == entry.rowCount, footer.schema.name == entry.table,
            footer.container == entry.container
        else {
            throw CorruptionError(
                offset: fileSize, expected: "\(entry.rowCount) rows of \(entry.table)",
                found: "\(footer.rowCount) rows of \(footer.schema.name)")
        }
        if footer.container == .packed { return }
        let sum = footer.schema.columns.indices.reduce(fileSize) {
            $0 + footer.fileSize(column: $1)
        }
        guard sum == entry.byteCount else {
            throw CorruptionError(
                offset: fileSize, expected: "files of \(entry.byteCount) bytes", found: "\(sum)")
        }
    }

    private func bytes(
        _ handle: FileHandle, _ range: Range<Int>
    ) throws(StoreError) -> [UInt8] {
        do throws(DiskError) {
            return try disk.read([
                ReadRange(file: handle, offset: range.lowerBound, byteCount: range.count)
            ])[0]
        } catch {
            throw .disk(error)
        }
    }
}

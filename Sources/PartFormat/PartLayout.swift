/// The fixed marks and sizes of part files; the rest is in `format-spec.md`.
///
/// ```
/// packed:         header (16) │ blocks │ footer │ postscript (24)
/// wide, footer:   header (16) │ footer │ postscript (24)
/// wide, a column: header (16) │ blocks
/// ```
package enum PartLayout {
    /// The first and the last eight bytes of a part: `WEIRPART`.
    package static let magic: [UInt8] = [0x57, 0x45, 0x49, 0x52, 0x50, 0x41, 0x52, 0x54]
    /// The version that is written; readers read all up to it.
    package static let version: UInt16 = 3
    /// Magic, version, container, five zero bytes.
    package static let headerBytes = 16
    /// See `Postscript`.
    package static let postscriptBytes = 24
    /// See `BlockHeader`.
    package static let blockHeaderBytes = 20
    /// What a first read takes from the end: the footers of most parts are shorter.
    package static let tailBytes = 65_536
}

/// How the streams of a part are kept.
package enum Container: UInt8, Sendable {
    /// All in one file.
    case packed = 1
    /// A folder with a file for the footer and one for each column.
    case wide = 2

    /// The format version that first had it.
    var firstVersion: UInt16 { self == .packed ? 1 : 2 }

    /// How many files a part of so many columns has; the first has the footer.
    package func fileCount(columns: Int) -> Int { self == .packed ? 1 : 1 + columns }

    /// The file that a column's dictionary and blocks are in.
    package func file(column: Int) -> Int { self == .packed ? 0 : 1 + column }

    /// The name of a file in the folder of a wide part.
    package static func name(file: Int) -> String {
        file == 0 ? "footer" : "\(file - 1).column"
    }

    /// The bytes that every file of a part of this version begins with.
    func header(version: UInt16 = PartLayout.version) -> [UInt8] {
        var header = PartLayout.magic + [UInt8(version), 0, rawValue]
        header += [UInt8](repeating: 0, count: PartLayout.headerBytes - header.count)
        return header
    }
}

/// How bytes are compressed.
enum Compression: UInt8 {
    case none = 0
    case zstd = 1
}

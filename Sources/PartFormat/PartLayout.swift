/// The fixed marks and sizes of a part file; the rest is in `format-spec.md`.
///
/// ```
/// header (16) │ blocks │ footer │ postscript (24)
/// ```
package enum PartLayout {
    /// The first and the last eight bytes of a part: `WEIRPART`.
    package static let magic: [UInt8] = [0x57, 0x45, 0x49, 0x52, 0x50, 0x41, 0x52, 0x54]
    /// The version that is written; readers read all up to it.
    package static let version: UInt16 = 1
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
enum Container: UInt8 {
    /// All in one file.
    case packed = 1
}

/// How bytes are compressed.
enum Compression: UInt8 {
    case none = 0
    case zstd = 1
}

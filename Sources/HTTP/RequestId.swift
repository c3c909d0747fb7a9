internal import Base

/// The id of a request: the client's if it is sane, else one of ours.
///
/// NUL-terminated bytes, so that libmicrohttpd can take them as they are.
struct RequestId {
    /// Ids of clients may have this many bytes.
    static var bytesMax: Int { 128 }

    private(set) var bytes: [CChar] = [0]

    var text: String {
        String(decoding: bytes.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Takes the client's id if it has 1 to 128 printable ASCII characters, and says if it did.
    mutating func take(_ client: UnsafeRawBufferPointer) -> Bool {
        guard client.count > 0, client.count <= Self.bytesMax else { return false }
        let isPrintable = unsafe client.allSatisfy { (0x20...0x7E).contains($0) }
        guard isPrintable else { return false }
        bytes.removeAll(keepingCapacity: true)
        unsafe bytes.append(contentsOf: client.map { CChar(bitPattern: $0) })
        bytes.append(0)
        return true
    }

    /// Writes 16 hexadecimal digits of a number that no other request has.
    mutating func generate(_ number: UInt64) {
        bytes.removeAll(keepingCapacity: true)
        for shift in stride(from: UInt64(60), through: 0, by: -4) {
            let digit = CChar(truncatingIfNeeded: (number &>> shift) & 0xF)
            bytes.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
        }
        bytes.append(0)
    }
}

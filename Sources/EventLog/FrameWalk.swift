internal import Base

/// A place between two frames of a segment.
struct FramePlace: Equatable {
    /// The sequence that the next frame must have.
    var sequence: UInt64
    /// Where it stands in the file.
    var offset: Int
    /// The checksum that it must refer to; nil where it is not known.
    var previous: UInt32?

    /// Moves behind the frame of this header.
    mutating func pass(_ header: FrameHeader) {
        sequence += 1
        offset += header.frameBytes
        previous = header.checksum
    }
}

/// Reads frames out of the bytes of a segment, checking what can be checked.
struct FrameWalk {
    /// The salt of the segment; nil, where the header was damaged, until a frame has told it.
    var salt: UInt32?

    /// What stands at a place.
    enum Step {
        /// A good frame header; its payload is `payload` within the bytes.
        case frame(FrameHeader, payload: Range<Int>)
        /// The bytes end within the frame, which takes so many from its start.
        case incomplete(byteCount: Int)
    }

    /// Looks at the frame of `place`; `base` is the offset in the file at which `bytes` starts.
    mutating func step(
        _ place: FramePlace, _ bytes: RawSpan, base: Int
    ) throws(CorruptionError) -> Step {
        let start = place.offset - base
        guard bytes.byteCount - start >= FrameHeader.byteCount else {
            return .incomplete(byteCount: FrameHeader.byteCount)
        }
        let header: FrameHeader
        do {
            header = try .decode(bytes.extracting(start..<start + FrameHeader.byteCount))
        } catch {
            throw CorruptionError(
                offset: place.offset + error.offset, expected: error.expected, found: error.found)
        }
        try check(header, at: place)
        salt = header.salt
        let payload = start + FrameHeader.byteCount
        guard bytes.byteCount >= payload + header.payloadBytes else {
            return .incomplete(byteCount: FrameHeader.byteCount + header.payloadBytes)
        }
        return .frame(header, payload: payload..<payload + header.payloadBytes)
    }

    private func check(_ header: FrameHeader, at place: FramePlace) throws(CorruptionError) {
        guard header.sequence == place.sequence else {
            throw CorruptionError(
                offset: place.offset + 8, expected: "sequence \(place.sequence)",
                found: "\(header.sequence)")
        }
        guard place.previous == nil || header.previous == place.previous else {
            throw CorruptionError(
                offset: place.offset + 40, expected: "the frame after \(hex(place.previous ?? 0))",
                found: "one after \(hex(header.previous))")
        }
        guard salt == nil || header.salt == salt else {
            throw CorruptionError(
                offset: place.offset + 44, expected: "salt \(hex(salt ?? 0))",
                found: hex(header.salt))
        }
    }

    /// Checks the payload of a frame.
    static func checkPayload(
        _ header: FrameHeader, _ payload: RawSpan, at place: FramePlace
    ) throws(CorruptionError) {
        let computed = crc32c(payload)
        guard computed == header.payloadChecksum else {
            throw CorruptionError(
                offset: place.offset + FrameHeader.byteCount,
                expected: "payload checksum \(hex(header.payloadChecksum))", found: hex(computed))
        }
    }

    /// Searches for the first whole and good frame at or behind `offset` with a sequence of at
    /// least `sequence`; O(bytes).
    func find(
        from offset: Int, sequence: UInt64, _ bytes: RawSpan, base: Int
    ) -> (place: FramePlace, header: FrameHeader)? {
        var start = (offset - base + 7) / 8 * 8
        while bytes.byteCount - start >= FrameHeader.byteCount {
            // SAFETY: a whole header is left behind `start`, and these are its first bytes.
            let magic = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: start, as: UInt32.self)
            if UInt32(littleEndian: magic) == FrameHeader.magic,
                let header = try? FrameHeader.decode(
                    bytes.extracting(start..<start + FrameHeader.byteCount)),
                header.sequence >= sequence, salt == nil || header.salt == salt
            {
                let place = FramePlace(
                    sequence: header.sequence, offset: base + start, previous: header.previous)
                let payload = start + FrameHeader.byteCount
                if bytes.byteCount >= payload + header.payloadBytes,
                    (try? Self.checkPayload(
                        header, bytes.extracting(payload..<payload + header.payloadBytes),
                        at: place)) != nil
                {
                    return (place, header)
                }
            }
            start += 8
        }
        return nil
    }
}

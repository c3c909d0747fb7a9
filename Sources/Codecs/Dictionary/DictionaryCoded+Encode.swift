internal import Base

extension DictionaryCoded {
    static func encode(_ parts: Parts, into target: inout [UInt8]) {
        target.appendVarint(UInt64(parts.entries.count))
        let place = target.count
        target.append(0)
        target[place] =
            StringStream.encode(parts.entries, nested: true, into: &target).rawValue
        target.appendStream(parts.codes)
    }
}

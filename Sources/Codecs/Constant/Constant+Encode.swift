internal import Base

extension Constant {
    static func encode(_ statistics: NumberStatistics, into target: inout [UInt8]) {
        target.appendZigzag(statistics.least)
    }

    static func encode(_ floats: [Double], into target: inout [UInt8]) {
        target.appendPlain([floats[0]])
    }

    static func encode(_ bits: Bitmap, into target: inout [UInt8]) {
        target.append(bits[0] ? 1 : 0)
    }

    static func encode(_ strings: StringTable, into target: inout [UInt8]) {
        let first = strings.bytes(at: 0)
        target.appendVarint(UInt64(first.count))
        target.append(contentsOf: first)
    }
}

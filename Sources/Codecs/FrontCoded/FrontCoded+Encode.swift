internal import Base

extension FrontCoded {
    static func encode(_ parts: Parts, into target: inout [UInt8]) {
        target.appendStream(parts.shared)
        Plain.encode(parts.rests, into: &target)
    }
}

import Base
import CKernels
import Testing

@Suite struct ChecksumTests {
    /// The check value of CRC-32C, and two vectors of RFC 3720 appendix B.4.
    @Test func knownValues() {
        #expect(crc32c([UInt8]("123456789".utf8)) == 0xE306_9283)
        #expect(crc32c([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(crc32c([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
    }

    @Test func theInstructionAndItsTwinAgree() {
        for count in 0..<100 {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255) }
            let twin = unsafe bytes.withUnsafeBytes {
                unsafe weir_crc32c_portable(0, $0.baseAddress, $0.count)
            }
            #expect(crc32c(bytes) == twin)
            #expect(twin == naive(bytes))
        }
    }

    /// Bit by bit, as the definition says.
    private func naive(_ bytes: [UInt8]) -> UInt32 {
        var crc = UInt32.max
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0x82F6_3B78 : crc >> 1 }
        }
        return ~crc
    }
}

internal import CKernels

/// A number that streams hold, a dictionary code or an integer, and the loops over it that Swift
/// does not make fast.
///
/// The kernels read the bytes and values that they are given, and write within the target; that
/// the bytes are enough is what their callers check.
protocol StreamNumber: FixedWidthInteger, BitwiseCopyable, Sendable {
    /// Unpacks as many values of `width` bits as the target has room for, and adds `base` to each.
    static func unpack(
        _ packed: UnsafeRawBufferPointer, width: Int, base: Int64,
        into target: UnsafeMutableBufferPointer<Self>)

    /// Writes runs of values; false if one is empty or they do not fill the target.
    static func fillRuns(
        _ values: UnsafeBufferPointer<Self>, _ lengths: UnsafeBufferPointer<UInt32>,
        into target: UnsafeMutableBufferPointer<Self>
    ) -> Bool
}

extension UInt32: StreamNumber {
    static func unpack(
        _ packed: UnsafeRawBufferPointer, width: Int, base: Int64,
        into target: UnsafeMutableBufferPointer<UInt32>
    ) {
        unsafe weir_unpack32(
            packed.baseAddress, packed.count, UInt32(width), UInt32(truncatingIfNeeded: base),
            target.baseAddress, target.count)
    }

    static func fillRuns(
        _ values: UnsafeBufferPointer<UInt32>, _ lengths: UnsafeBufferPointer<UInt32>,
        into target: UnsafeMutableBufferPointer<UInt32>
    ) -> Bool {
        unsafe weir_fill_runs32(
            values.baseAddress, lengths.baseAddress, values.count, target.baseAddress,
            target.count)
    }
}

extension Int64: StreamNumber {
    static func unpack(
        _ packed: UnsafeRawBufferPointer, width: Int, base: Int64,
        into target: UnsafeMutableBufferPointer<Int64>
    ) {
        unsafe target.withMemoryRebound(to: UInt64.self) { words in
            unsafe weir_unpack64(
                packed.baseAddress, packed.count, UInt32(width), UInt64(bitPattern: base),
                words.baseAddress, words.count)
        }
    }

    static func fillRuns(
        _ values: UnsafeBufferPointer<Int64>, _ lengths: UnsafeBufferPointer<UInt32>,
        into target: UnsafeMutableBufferPointer<Int64>
    ) -> Bool {
        unsafe target.withMemoryRebound(to: UInt64.self) { words in
            unsafe values.withMemoryRebound(to: UInt64.self) { values in
                unsafe weir_fill_runs64(
                    values.baseAddress, lengths.baseAddress, values.count, words.baseAddress,
                    words.count)
            }
        }
    }
}

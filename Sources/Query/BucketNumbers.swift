internal import Base
internal import Expressions

/// Numbers the time buckets that rows fall into.
///
/// Rows are placed by their minute, as the finest tier keeps no more of their time. Where the range
/// has few enough minutes, a table holds the number of each one's bucket; else buckets are
/// numbered as they are met.
struct BucketNumbers: Sendable {
    private static let minute = CivilTime.millisecondsPerMinute

    /// By number: where the bucket starts.
    private(set) var starts: [Milliseconds] = []
    private let timeBuckets: TimeBuckets?
    private let rangeStart: Milliseconds
    /// By minute of the range; empty where there is no such table.
    private var table: [UInt32] = []
    /// The buckets that were met, where there is no table.
    private var met = IntegerMap()
    private var buffer: [Milliseconds] = []

    /// Without buckets the whole range is one.
    init(_ timeBuckets: TimeBuckets?, range: Range<Milliseconds>, minutesMax: Int) {
        self.timeBuckets = timeBuckets
        rangeStart = range.lowerBound
        guard let timeBuckets else {
            starts = [range.lowerBound]
            return
        }
        let minutes = (range.upperBound - range.lowerBound) / Self.minute
        guard minutes <= minutesMax else { return }
        var instants = (0..<minutes).map { rangeStart + $0 * Self.minute }
        timeBuckets.truncate(all: &instants)
        table = numbers(of: instants)
    }

    /// Writes the number of the bucket of each chosen row; nil is all rows.
    mutating func number(
        _ times: [Milliseconds], rows: [UInt32]?, into numbers: inout [UInt32]
    ) {
        let count = rows?.count ?? times.count
        resize(&numbers, to: count)
        guard let timeBuckets else {
            for index in 0..<count { numbers[index] = 0 }
            return
        }
        if table.isEmpty {
            buffer.removeAll(keepingCapacity: true)
            if let rows {
                for row in rows { buffer.append(Self.minute(of: times[Int(row)])) }
            } else {
                for time in times { buffer.append(Self.minute(of: time)) }
            }
            timeBuckets.truncate(all: &buffer)
            numbers = self.numbers(of: buffer)
            return
        }
        let table = table.span
        let times = times.span
        var target = numbers.mutableSpan
        if let rows {
            let rows = rows.span
            for index in rows.indices {
                target[index] = table[Self.minutes(from: rangeStart, to: times[Int(rows[index])])]
            }
        } else {
            for index in times.indices {
                target[index] = table[Self.minutes(from: rangeStart, to: times[index])]
            }
        }
    }

    /// Whole minutes, of which a table has few enough: a minute is 1,875 times 32 milliseconds, and
    /// a division of 32 bits is much cheaper than one of 64.
    @inline(__always)
    private static func minutes(from start: Milliseconds, to time: Milliseconds) -> Int {
        Int(UInt32(truncatingIfNeeded: (time &- start) &>> 5) / 1_875)
    }

    /// The number of the bucket that starts there.
    mutating func number(start: Milliseconds) -> Int {
        if let known = starts.firstIndex(of: start) { return known }
        return Int(numbers(of: [start])[0])
    }

    private static func minute(of time: Milliseconds) -> Milliseconds {
        floorDivide(time, minute) * minute
    }

    private mutating func numbers(of buckets: [Milliseconds]) -> [UInt32] {
        var numbers: [UInt32] = []
        numbers.reserveCapacity(buckets.count)
        var last: Milliseconds?
        var number: UInt32 = 0
        for bucket in buckets {
            if bucket != last {
                last = bucket
                number = UInt32(met.index(of: UInt64(bitPattern: bucket)))
                if Int(number) == starts.count { starts.append(bucket) }
            }
            numbers.append(number)
        }
        return numbers
    }
}

internal import Base

extension WindowRows {
    /// Combines the elements of the positions of each frame; `result` is called for each position
    /// with what its frame gives, `none` where that is empty.
    ///
    /// As frames only move forward, each element is combined about three times, however long frames
    /// are, and none is ever taken away again, which sums of floats could not do. The elements of
    /// a frame are those up to a *middle*, of which every suffix has been combined, and those from
    /// there on, which have been combined as they came; when the frame starts behind the middle,
    /// its end becomes the new one.
    @inline(__always)
    func fold<Element>(
        _ frame: WindowCall.Frame, none: Element, element: (Int) -> Element,
        combine: (inout Element, Element) -> Void,
        result: (Int, Element) throws(QueryError) -> Void
    ) throws(QueryError) {
        for partition in partitions {
            var (middle, end) = (partition.lowerBound, partition.lowerBound)
            /// The suffixes up to the middle, the longest last.
            var suffixes: [Element] = []
            var behind = none
            for position in partition {
                let range = self.frame(frame, at: position, of: partition)
                if range.lowerBound >= middle {
                    middle = range.upperBound
                    suffixes.removeAll(keepingCapacity: true)
                    var suffix = none
                    for index in range.reversed() {
                        var next = element(index)
                        combine(&next, suffix)
                        suffix = next
                        suffixes.append(next)
                    }
                    behind = none
                    end = middle
                }
                while end < range.upperBound {
                    combine(&behind, element(end))
                    end += 1
                }
                var total = behind
                if range.lowerBound < middle, !range.isEmpty {
                    total = suffixes[middle - range.lowerBound - 1]
                    combine(&total, behind)
                }
                try result(position, range.isEmpty ? none : total)
            }
        }
    }
}

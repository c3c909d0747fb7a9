internal import Base

extension MetricsAnswer {
    /// The answer as a JSON object.
    package func json() -> [UInt8] {
        var writer = JSONWriter(reserving: 512 + rowCount * (64 + dimensions.count * 24))
        writer.beginObject()
        writer.field("metric", metric)
        writer.field("granularity", granularity.name)
        writer.key("data")
        writer.beginArray()
        writeRows(into: &writer)
        writer.endArray()
        writer.key("meta")
        writeMeta(into: &writer)
        writer.endObject()
        return writer.finish()
    }

    /// The headers that belong to the answer beside its media type.
    ///
    /// A format without `meta` says there whether rows are cut off or missing.
    package var headers: [(name: String, value: String)] {
        let control =
            meta.isPartial ? CachePolicy.never : CachePolicy.control(maxAge: maxAge)
        return [("Cache-Control", control), ("Vary", CachePolicy.vary)] + formatHeaders
    }

    /// Those of `headers` that are of the answer itself, and not of who asked.
    package var formatHeaders: [(name: String, value: String)] {
        var headers: [(String, String)] = []
        if format == .csv {
            if meta.isTruncated { headers.append(("X-Weir-Truncated", "true")) }
            if meta.isPartial { headers.append(("X-Weir-Partial", "true")) }
            if let since = meta.since { headers.append(("X-Weir-Since", text(of: since))) }
        }
        return headers
    }

    /// The media type of the body.
    package var contentType: String {
        switch format {
        case .json: "application/json"
        case .csv: "text/csv; charset=utf-8; header=present"
        }
    }

    private func writeRows(into writer: inout JSONWriter) {
        // Rows of one bucket follow each other, so its text is made once.
        var bucket: Milliseconds?
        var bucketText = ""
        for row in 0..<rowCount {
            if buckets[row] != bucket {
                bucket = buckets[row]
                bucketText = text(of: buckets[row])
            }
            writer.beginObject()
            writer.field("timeBucket", bucketText)
            writer.key("dimensions")
            writer.beginObject()
            for (index, name) in dimensions.enumerated() {
                writer.key(name)
                let code = Int(codes[index][row])
                if code == 0 {
                    writer.null()
                } else {
                    writer.value(utf8: dictionaries[index].bytes(at: code - 1))
                }
            }
            writer.endObject()
            writer.field("value", values[row])
            writer.endObject()
        }
    }

    private func writeMeta(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("table", meta.table)
        if meta.isRaw { writer.field("raw", true) }
        writer.field("start", text(of: meta.range.lowerBound))
        writer.field("end", text(of: meta.range.upperBound))
        if let since = meta.since { writer.field("since", text(of: since)) }
        writer.field("rowsScanned", meta.rowsScanned)
        writer.field("elapsedMs", Double(meta.elapsedNanoseconds / 1_000) / 1_000)
        writer.field("watermark", meta.watermark.map { CivilTime($0).text })
        writer.field("corrections", meta.corrections)
        if let relativeError = meta.relativeError {
            writer.field("relativeError", relativeError)
        }
        if meta.isTruncated { writer.field("truncated", true) }
        writer.field("partial", meta.isPartial)
        if meta.isPartial { writer.field("rowsLost", meta.rowsLost) }
        if let explanation = meta.explanation {
            writer.key("explain")
            explanation.write(into: &writer) { text(of: $0) }
        }
        writer.endObject()
    }
}

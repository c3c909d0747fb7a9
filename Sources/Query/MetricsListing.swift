internal import Base
package import Store

extension Catalog {
    /// The answer to `GET /api/v1/metrics`: what is defined, in the order of definition.
    package func metricsListing() -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("metrics")
        writer.beginArray()
        for metric in metrics {
            writer.beginObject()
            writer.field("name", metric.name)
            writer.field("aggregate", metric.aggregate.rawValue)
            writer.field("eventType", metric.eventType)
            if let field = metric.field { writer.field("field", field) }
            writer.field("dimensions", metric.dimensions)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return writer.finish()
    }
}

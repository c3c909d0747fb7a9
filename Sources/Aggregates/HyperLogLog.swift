/// Placeholder to be written: the distinct-count sketch.
package struct HyperLogLog: Sendable, Equatable {
    package init() {}
}

/// What answers say to caches.
package enum CachePolicy {
    /// The request headers that answers depend on.
    package static let vary = "Accept-Encoding, Origin, Authorization"

    /// For an answer that must not be kept.
    package static let never = "no-store"

    /// For how many seconds an answer may be kept without asking again; 0 is not at all.
    package static func control(maxAge: Int) -> String {
        maxAge == 0 ? "no-cache" : "private, max-age=\(maxAge)"
    }
}

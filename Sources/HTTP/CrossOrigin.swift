/// The cross-origin rules: which headers an answer needs for a page of some origin to read it.
struct CrossOrigin: Sendable {
    private let origins: [String]
    private let allowsAll: Bool

    init(origins: [String]) {
        self.origins = origins
        allowsAll = origins.contains("*")
    }

    /// Whether pages of the origin may read answers of a route with this policy.
    func allows(_ origin: String, _ policy: CrossOriginPolicy) -> Bool {
        policy == .any || allowsAll || origins.contains(origin)
    }

    /// Whether answers of a route differ by origin, so that caches must know.
    func varies(_ policy: CrossOriginPolicy) -> Bool { policy == .any || !origins.isEmpty }

    /// The headers of an answer to a page of `origin`.
    func headers(_ origin: String, _ policy: CrossOriginPolicy) -> [Response.Header] {
        guard allows(origin, policy) else { return [] }
        var headers = [Response.Header("Access-Control-Allow-Origin", origin)]
        if policy == .any {
            headers.append(Response.Header("Access-Control-Allow-Credentials", "true"))
        }
        headers.append(
            Response.Header("Access-Control-Expose-Headers", "X-Request-Id, ETag, Retry-After"))
        return headers
    }

    /// The answer to a preflight.
    ///
    /// `headers(_:_:)` of the origin are added when it is sent.
    func preflight(
        _ origin: String, _ policy: CrossOriginPolicy, allowed: String, requestHeaders: String?
    ) -> Response {
        var response = Response(
            status: 204,
            headers: [
                Response.Header(
                    "Vary",
                    "Origin, Access-Control-Request-Method, Access-Control-Request-Headers")
            ])
        guard allows(origin, policy) else { return response }
        response.headers.append(Response.Header("Access-Control-Allow-Methods", allowed))
        if let requestHeaders {
            response.headers.append(
                Response.Header("Access-Control-Allow-Headers", requestHeaders))
        }
        response.headers.append(Response.Header("Access-Control-Max-Age", "86400"))
        return response
    }
}

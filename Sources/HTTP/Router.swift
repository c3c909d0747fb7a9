internal import Base

/// Answers a request: at once, or later from any thread through the `Responder`.
///
/// Runs on the thread of an HTTP loop, which serves many connections: it must not block. The
/// request is valid during the call only.
package typealias Handler = @Sendable (borrowing Request, Responder) -> Void

/// Which web pages may read the answers of a route.
package enum CrossOriginPolicy: Sendable {
    /// Any page, with credentials: for ingest, which pages of all sites call.
    case any
    /// Pages of the configured origins only.
    case listed
}

/// What the server knows of one method of one path.
package struct Route: Sendable {
    /// Which method the route answers; a route for GET answers HEAD too.
    package var method: Method
    /// Which pages of other origins may read its answers.
    package var crossOrigin: CrossOriginPolicy
    /// The largest body in bytes; nil takes the limit of the server.
    package var bodyLimit: Int?
    /// What answers its requests, on the thread of an HTTP loop.
    package var handler: Handler
}

/// The table of paths.
///
/// A segment in braces (`/api/v1/metrics/{name}`) matches any one segment.
package struct Router: Sendable {
    /// A path with its routes by method.
    struct Endpoint: Sendable {
        var path: [UInt8]
        var routes: [Route]

        var segments: [ArraySlice<UInt8>] {
            path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        }

        /// The methods of the path, as `Allow` lists them.
        var allowed: String {
            var names = routes.map(\.method.name)
            if names.contains("GET") { names.append("HEAD") }
            names.append("OPTIONS")
            return names.joined(separator: ", ")
        }

        func route(_ method: Method) -> Route? {
            let wanted = method == .head ? .get : method
            return routes.first { $0.method == wanted }
        }
    }

    /// A path that was found, with what its braces matched.
    struct Match {
        var endpoint: Int
        var parameters: [URLCoding.Parameter] = []
    }

    private(set) var endpoints: [Endpoint] = []
    private var exact: [UInt64: Int] = [:]
    private var patterns: [Int] = []

    package init() {}

    /// Adds a route; a path may have one for each method.
    package mutating func add(
        _ method: Method, _ path: String, crossOrigin: CrossOriginPolicy = .listed,
        bodyLimit: Int? = nil, _ handler: @escaping Handler
    ) {
        invariant(method != .head && method != .options, "\(method.name) is answered for all paths")
        let bytes = [UInt8](path.utf8)
        let index = endpoints.firstIndex { $0.path == bytes } ?? endpoints.count
        if index == endpoints.count {
            endpoints.append(Endpoint(path: bytes, routes: []))
            if bytes.contains(UInt8(ascii: "{")) {
                patterns.append(index)
            } else {
                let hash = hash64(path)
                invariant(exact[hash] == nil, "two paths of one hash")
                exact[hash] = index
            }
        }
        invariant(endpoints[index].route(method) == nil, "\(method.name) \(path) added twice")
        endpoints[index].routes.append(
            Route(
                method: method, crossOrigin: crossOrigin, bodyLimit: bodyLimit, handler: handler))
    }

    /// Finds the endpoint of a path as the request line has it.
    func find(_ path: UnsafeRawBufferPointer) -> Match? {
        if let index = unsafe exact[hash64(path)],
            unsafe endpoints[index].path.elementsEqual(path)
        {
            return Match(endpoint: index)
        }
        return patterns.isEmpty ? nil : unsafe findPattern([UInt8](path))
    }

    private func findPattern(_ path: [UInt8]) -> Match? {
        let segments = path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        for index in patterns {
            let wanted = endpoints[index].segments
            guard wanted.count == segments.count else { continue }
            var parameters: [URLCoding.Parameter] = []
            let matches = zip(wanted, segments).allSatisfy { wanted, segment in
                guard wanted.first == UInt8(ascii: "{") else { return wanted == segment }
                guard !segment.isEmpty,
                    let value = URLCoding.decode(segment, plusIsSpace: false)
                else { return false }
                let name = String(decoding: wanted.dropFirst().dropLast(), as: UTF8.self)
                parameters.append(URLCoding.Parameter(name, value))
                return true
            }
            if matches { return Match(endpoint: index, parameters: parameters) }
        }
        return nil
    }
}

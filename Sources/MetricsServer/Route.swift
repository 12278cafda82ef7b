internal import NIOHTTP1

/// What a request asks for.
enum Route {
    case metrics
    case landing(showsLinks: Bool)
    case healthy
    case ready
    case endpoint(APIEndpoint)
    /// - Parameter allowed: the Allow header.
    case wrongMethod(allowed: String)
    /// - Parameter advice: what to do about it.
    case notFound(advice: String)
}

extension ServerState {
    /// Finds what a request asks for. What its origin may not have is not found, with the way to have it.
    ///
    /// - Parameter path: the request's target without the query.
    func route(_ path: String, _ method: HTTPMethod, from origin: RequestOrigin) -> Route {
        let mayRead = origin == .control || options.enablesAPI
        if let endpoint = endpoints[path] {
            switch endpoint.access {
            case .change:
                guard origin == .control else { return .notFound(advice: "only the unix socket of vexport has this") }
                return method == .POST ? .endpoint(endpoint) : .wrongMethod(allowed: "POST")
            case .read:
                guard mayRead else { return .notFound(advice: "start vexport with --web.enable-api to have it here") }
                return Self.isReading(method) ? .endpoint(endpoint) : .wrongMethod(allowed: Self.readingMethods)
            }
        }
        let page: Route
        switch path {
        case "/metrics": page = .metrics
        case "/": page = .landing(showsLinks: mayRead)
        case "/-/healthy": page = .healthy
        case "/-/ready": page = .ready
        default: return .notFound(advice: "try /metrics")
        }
        return Self.isReading(method) ? page : .wrongMethod(allowed: Self.readingMethods)
    }

    private static let readingMethods = "GET, HEAD"
    private static func isReading(_ method: HTTPMethod) -> Bool { method == .GET || method == .HEAD }
}

/// How a page is packed for the way.
enum ContentCoding: Equatable {
    case identity, gzip

    /// The coding that the client prefers: gzip unless it is refused or liked less than the plain page. nil when the client
    /// takes neither. Source: RFC 9110, 12.5.3.
    ///
    /// - Parameter acceptEncoding: the header's value; empty for a client that names no codings, which gets the plain page.
    init?(acceptEncoding: String) {
        let clauses = acceptEncoding.split(separator: ",").prefix(Clause.limit).compactMap { Clause($0) }
        func quality(_ names: String...) -> Double? { clauses.first { names.contains($0.range) }?.quality }
        let any = quality("*")
        let gzip = quality("gzip", "x-gzip") ?? any ?? 0
        // Without a word on it, the plain page is fine, but nobody asked for it.
        let identity = quality("identity") ?? (any == 0 ? 0 : nil)
        if gzip > 0, gzip >= identity ?? 0 {
            self = .gzip
        } else if identity != 0 {
            self = .identity
        } else {
            return nil
        }
    }
}

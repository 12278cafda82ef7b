/// What somebody knows of links that the kernel does not tell. The built-in enricher knows owners, plugins know labels.
public enum LinkEnrichment: Sendable {
    /// Labels that links are to have: on the page from the next tick on, on findings at once.
    case labels([LinkIdentity: [Label]])
    /// Who owns what. From the next tick on links tell of it, and findings and paths rest on it.
    case owners(Owners)

    /// Takes in an enrichment in the place of the one of its kind before. Returns at once; for any thread.
    public typealias Taker = @Sendable (LinkEnrichment) -> Void
}

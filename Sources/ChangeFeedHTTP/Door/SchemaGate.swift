internal import ChangeFeed

/// Keeps requests from a database whose schema this binary was not made for. As long as the feed runs it has looked itself;
/// while it does not, every request looks.
struct SchemaGate: Sendable {
    let feed: any FeedHealth
    let fit: SchemaFit

    /// - Throws: `ChangeFeedError.schemaVersionMismatch`.
    func pass() async throws {
        if await !feed.health().ready { try await fit.check() }
    }
}

internal import ChangeFeed

/// Refuses requests if the database's schema does not match this binary. While the feed runs, it has checked this
/// itself; otherwise every request checks.
struct SchemaGate: Sendable {
    let feed: any FeedHealth
    let fit: SchemaFit

    /// - Throws: `ChangeFeedError.schemaVersionMismatch`.
    func pass() async throws {
        if await !feed.health().ready { try await fit.check() }
    }
}

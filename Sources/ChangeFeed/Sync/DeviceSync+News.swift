internal import Postgres

/// Whether a pull would give something.
extension DeviceSync {
    /// Whether events are waiting for a device.
    public struct News: Sendable, Equatable {
        /// The models that it follows.
        public let models: [String]
        public let isWaiting: Bool
        /// No event of these models has a higher id.
        public let newestID: Int64
        /// Devices that see the same.
        public let audience: Audience
    }

    /// - Parameter question: the same in the memory's form, to cache there that nothing is waiting.
    public func news(
        for device: DeviceName, scope: SyncScope, companies: EnabledCompanies = EnabledCompanies(),
        as question: IdleQuestion? = nil,
        of caller: CallerProof
    ) async throws -> News? {
        let ticket = question == nil ? nil : memory?.ticket()
        guard let filters = try await filters.parameter(scope.filters, for: caller, companies) else { return nil }
        let row = try await row(
            of: Query(
                """
                SELECT p.problem, array_to_string(p.models, ' ') AS models, p.is_waiting, p.newest_id, p.scope, p.is_filtered, caller.user_id,
                       \(Self.knownColumns)
                FROM \(CallerProof.sql) caller
                CROSS JOIN LATERAL changefeed.news(caller.user_id, $8::text, $9::text, $10::text[], $11::int[], $12::jsonb) p
                \(Self.knownJoin)
                WHERE NOT caller.refused
                """,
                caller.parameters(allowPortal: allowPortal) + [.text(device.text)] + scope.parameters + [
                    companies.parameter, filters,
                ],
                name: "sync_news"), for: caller, companies)
        guard let row else { return nil }
        let news = News(
            models: Self.words(row["models"]), isWaiting: try row["is_waiting"].bool(),
            newestID: try row["newest_id"].int(),
            audience: try Audience(row, models: Self.words(row["models"]), companies: companies))
        if let ticket, let question, let known = try Self.known(row, caller) {
            memory?.keep(news, for: question, of: known, since: ticket)
        }
        return news
    }
}

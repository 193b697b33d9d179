internal import Postgres

/// The endpoints as the database has them, whichever replica delivers.
struct EndpointMetrics: Sendable, Equatable {
    struct Endpoint: Sendable, Equatable {
        let name: String
        let state: String
        /// Seconds.
        let failing: Double
        let waiting: Double
        let dead: Double
    }

    var endpoints: [Endpoint]

    /// Queries the database.
    static func read(from pool: ConnectionPool) async throws -> EndpointMetrics {
        let rows = try await pool.query(
            Query(
                """
                SELECT e.name, e.state, e.waiting::float8 AS waiting, e.dead::float8 AS dead,
                       coalesce(extract(epoch FROM clock_timestamp() - e.failing_since), 0)::float8 AS failing
                FROM changefeed.endpoints e
                """, name: "cf_endpoint_metrics"))
        return EndpointMetrics(
            endpoints: try rows.map { row in
                Endpoint(
                    name: try row["name"].string(), state: try row["state"].string(),
                    failing: try row["failing"].double(), waiting: try row["waiting"].double(),
                    dead: try row["dead"].double())
            })
    }

    static func record(_ values: EndpointMetrics?, in registry: MetricsRegistry) {
        let endpoints = values?.endpoints ?? []
        registry.replace(.endpointState, endpoints.map { ([$0.name, $0.state], 1) })
        registry.replace(.endpointFailing, endpoints.map { ([$0.name], $0.failing) })
        registry.replace(.endpointWaiting, endpoints.map { ([$0.name], $0.waiting) })
        registry.replace(.endpointDead, endpoints.map { ([$0.name], $0.dead) })
    }
}

internal import CLibPQ

extension Connection {
    /// Sends all statements at once and reads their results afterwards: one round trip. They run in one implicit
    /// transaction (PostgreSQL manual, "Pipeline Mode"): after an error the rest is aborted and nothing is kept.
    /// - Returns: one result per statement, in order.
    /// - Throws: only when the connection fails.
    public func pipeline(_ queries: [Query]) async throws -> [Result<Rows, PostgresError>] {
        if queries.isEmpty { return [] }
        return try await turn { try await self.performPipeline(queries) }
    }

    private func performPipeline(_ queries: [Query]) async throws -> [Result<Rows, PostgresError>] {
        // Values that cannot be sent are found before anything is.
        let encoded = try queries.map { try EncodedParameters($0.parameters, statement: $0.name) }
        for query in queries {
            guard let name = query.name, !isPrepared(name) else { continue }
            try sent(PQsendPrepare(try live(), name, query.sql, 0, nil))
            _ = try await results(statement: name)
            notePrepared(name, query.sql)
        }
        try sent(PQenterPipelineMode(try live()))
        for (query, parameters) in zip(queries, encoded) { try send(query, parameters) }
        try sent(PQpipelineSync(try live()))
        var answers: [Result<Rows, PostgresError>] = []
        answers.reserveCapacity(queries.count)
        for query in queries {
            do {
                guard let last = try await results(statement: query.name).last else {
                    throw PostgresError(.connectionLost, "the server sent no result", statement: query.name)
                }
                answers.append(.success(Rows(storage: last)))
            } catch let error as PostgresError where error.code != .connectionLost && error.code != .closed {
                answers.append(.failure(error))
            }
        }
        // The sync point, which is one result without an end mark.
        _ = try await nextResult()
        try sent(PQexitPipelineMode(try live()))
        return answers
    }
}

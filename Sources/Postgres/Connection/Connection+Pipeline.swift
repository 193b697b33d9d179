internal import CLibPQ

extension Connection {
    /// Sends all statements together and reads their results afterwards: one round trip. They run in one implicit
    /// transaction (PostgreSQL manual, "Pipeline Mode"): after an error the rest is aborted and everything is rolled
    /// back.
    /// - Parameter prepares: false if a statement that is not prepared yet must not be parsed before the one in front
    ///   of it has run; then it is sent without its name.
    /// - Returns: one result per statement, in order.
    /// - Throws: only when the connection fails.
    public func pipeline(_ queries: [Query], prepares: Bool = true) async throws -> [Result<Rows, PostgresError>] {
        if queries.isEmpty { return [] }
        return try await inTurn { try await self.performPipeline(queries, prepares: prepares) }
    }

    private func performPipeline(_ queries: [Query], prepares: Bool) async throws -> [Result<Rows, PostgresError>] {
        // Values that cannot be sent are detected before anything is sent.
        for query in queries { try Parameter.check(query.parameters, statement: query.name) }
        if carriesSettings { return try await performCarrying(queries) }
        do {
            for query in queries where prepares && needsPreparing(query) { try await prepare(query) }
            let answers = try await exchange(queries)
            let failure = answers.lazy.compactMap(\.failure).first
            guard let failure, failure.meansAnotherSession, !isInTransaction else { return answers }
        } catch let error as PostgresError where error.meansAnotherSession && !isInTransaction {
            // Detected before anything ran.
        }
        foundPooler()
        return try await performCarrying(queries)
    }

    /// One round trip for prepared or unnamed statements.
    func exchange(_ queries: [Query]) async throws -> [Result<Rows, PostgresError>] {
        try sent(PQenterPipelineMode(try live()))
        for query in queries { try send(query) }
        try sent(PQpipelineSync(try live()))
        expectAnswer(statements: queries.count)
        try await flush()
        var answers: [Result<Rows, PostgresError>] = []
        answers.reserveCapacity(queries.count)
        for query in queries {
            var incoming = Incoming()
            while try !take(into: &incoming, statement: query.name) { try await socketReady() }
            if let last = incoming.last, incoming.failure == nil {
                answers.append(.success(Rows(storage: last)))
                continue
            }
            do {
                _ = try settle(incoming, statement: query.name)
                throw PostgresError(.connectionLost, "the server sent no result", statement: query.name)
            } catch let error as PostgresError where error.code != .connectionLost && error.code != .closed {
                answers.append(.failure(error))
            }
        }
        // The sync point.
        var sync = Incoming()
        while try !take(into: &sync, statement: nil) { try await socketReady() }
        try sent(PQexitPipelineMode(try live()))
        return answers
    }
}

extension Result where Failure == PostgresError {
    var failure: PostgresError? {
        if case .failure(let error) = self { error } else { nil }
    }
}

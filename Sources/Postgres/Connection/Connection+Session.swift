internal import CLibPQ

/// A session of one's own, or one that a pooler hands around.
///
/// In transaction mode a pooler gives each transaction whichever of its sessions is free. What was prepared or set in one
/// is not there in the next, or is there and somebody else's. So, behind a pooler, statements go without names, and each
/// is sent with a transaction around it that first sets what `PinnedSettings` says, all in one round trip. A pooler takes
/// no startup `options` (pgbouncer: "unsupported startup parameter"), and what a session was set to would stay with the
/// next client.
extension Connection {
    /// Statements outside a transaction bring their settings along.
    var carriesSettings: Bool { isPooled && !isInTransaction }

    /// Finds out whether the session is this client's own, and pins its settings where it is: one round trip.
    func beginSession() async throws {
        answerLimit = configuration.statementTimeout
        guard configuration.pooler != .transaction else { return foundPooler() }
        let settings = configuration.sessionSettings(server: serverVersion)
        let asked = Query.setting(settings, local: false, onlyIf: configuration.pooler == .auto ? backendPID : nil)
        let begin = Query("BEGIN ISOLATION LEVEL READ COMMITTED")
        // What the connection string says counts, and in how many ways it may say so only the server knows.
        let limit = configuration.limitsStatementsItself ? [Query.statementLimit] : []
        let start = [begin] + beforehand(settings) + [asked]
        let answers = try await exchange(start + [Query("COMMIT")] + limit)
        try check(answers, counting: start.count)
        if let failure = answers.lazy.compactMap(\.failure).first { throw failure }
        if !limit.isEmpty {
            let milliseconds = try answers.last?.get().first?["setting"].int() ?? 0
            answerLimit = milliseconds > 0 ? .milliseconds(milliseconds) : nil
        }
        let row = try answers[start.count - 1].get()[0]
        if configuration.pooler == .auto, try row["backend"].int() != Int64(backendPID) { return foundPooler() }
        try refuseStandby(row)
    }

    /// Runs one statement in a transaction that sets its settings.
    func performCarrying(_ query: Query) async throws -> Rows {
        try Parameter.check(query.parameters, statement: query.name)
        guard let answer = try await performCarrying([query]).first else {
            throw PostgresError(.connectionLost, "the server sent no result", statement: query.name)
        }
        return try answer.get()
    }

    /// Runs statements in one transaction that sets their settings.
    func performCarrying(_ queries: [Query]) async throws -> [Result<Rows, PostgresError>] {
        let start = prologue(.readCommitted, .readWrite)
        var answers = try await exchange(start + queries + [Query("COMMIT")])
        if isRefusedByStandby(answers) {
            let again = prologue(.readCommitted, .unsaid)
            answers = try await exchange(again + queries + [Query("COMMIT")])
        }
        try check(answers, counting: start.count)
        let own = answers[start.count..<answers.count - 1]
        // A transaction that could not be committed did nothing.
        if let failure = answers.last?.failure, own.allSatisfy({ $0.failure == nil }) { return own.map { _ in .failure(failure) } }
        hasFailedTransaction = answers.contains { $0.failure != nil } && isTransactionOpen
        return Array(own)
    }

    /// Opens a transaction that somebody else ends.
    func begin(_ isolation: IsolationLevel, readOnly: Bool) async throws {
        try await inTurn {
            let access: AccessMode = readOnly ? .readOnly : .readWrite
            guard self.isPooled else {
                _ = try await self.performOnce(Self.begin(isolation, access))
                return
            }
            let start = self.prologue(isolation, access)
            var answers = try await self.exchange(start)
            if self.isRefusedByStandby(answers) { answers = try await self.exchange(self.prologue(isolation, .unsaid)) }
            try self.check(answers, counting: start.count)
        }
    }

    private enum AccessMode: String {
        case readWrite = " READ WRITE", readOnly = " READ ONLY", unsaid = ""
    }

    private static func begin(_ isolation: IsolationLevel, _ access: AccessMode) -> Query {
        Query("BEGIN ISOLATION LEVEL \(isolation.rawValue)\(access.rawValue)")
    }

    private func prologue(_ isolation: IsolationLevel, _ access: AccessMode) -> [Query] {
        let settings = configuration.sessionSettings(server: serverVersion)
        return [Self.begin(isolation, access)] + beforehand(settings) + [Query.setting(settings, local: true)]
    }

    /// What would end the statement that sets the others: less time than it takes, or a JIT that compiles everything or
    /// whose library is missing.
    private func beforehand(_ settings: [PinnedSettings.Pin]) -> [Query] {
        [("statement_timeout", "0"), ("jit", "off")]
            .filter { name, _ in settings.contains { $0.name == name } }
            .map { Query("SET LOCAL \($0) = \($1)") }
    }

    /// A standby opens no transaction that is said to write.
    private func isRefusedByStandby(_ answers: [Result<Rows, PostgresError>]) -> Bool {
        answers.first?.failure?.sqlState == "0A000"
    }

    /// Looks at what the first answers say, of which the last is about the server.
    private func check(_ answers: [Result<Rows, PostgresError>], counting count: Int) throws {
        if let failure = answers.prefix(count).lazy.compactMap(\.failure).first {
            hasFailedTransaction = isTransactionOpen
            throw failure
        }
        if let row = try answers[..<count].last?.get().first, isPooled { try refuseStandby(row) }
    }

    private func refuseStandby(_ row: Row) throws {
        guard configuration.refusesStandby, try row["standby"].bool() else { return }
        hasFailedTransaction = isTransactionOpen
        throw PostgresError(.standby, "the server is a standby")
    }

    private var isTransactionOpen: Bool {
        guard let connection = try? live() else { return false }
        let status = PQtransactionStatus(connection)
        return status == PQTRANS_INTRANS || status == PQTRANS_INERROR
    }

    private var serverVersion: Int32 { (try? live()).map { PQserverVersion($0) } ?? 0 }
}

extension PostgresError {
    /// A name that the session does not know, or knows already: it is not the session of before. Nothing has run then.
    var meansAnotherSession: Bool { sqlState == "26000" || sqlState == "42P05" }
}

internal import CLibPQ

/// A separate session, or one that a pooler shares among clients.
///
/// In transaction mode a pooler gives each transaction any free session. Prepared statements and settings of one
/// transaction are missing in the next, or belong to another client. So, behind a pooler, statements are unnamed, and
/// each is sent in a transaction that first sets the values of `PinnedSettings`, all in one round trip. A pooler
/// accepts no startup `options` (pgbouncer: "unsupported startup parameter"), and a session's settings would affect the
/// next client.
extension Connection {
    /// Statements outside a transaction carry their settings.
    var carriesSettings: Bool { isPooled && !isInTransaction }

    /// Determines whether the session is this client's own, and pins its settings if it is: one round trip.
    func beginSession() async throws {
        answerLimit = configuration.statementTimeout
        guard configuration.pooler != .transaction else { return foundPooler() }
        let settings = configuration.sessionSettings(server: serverVersion)
        let asked = Query.setting(settings, local: false, onlyIf: configuration.pooler == .auto ? backendPID : nil)
        let begin = Query("BEGIN ISOLATION LEVEL READ COMMITTED")
        // The connection string's options count, and only the server can parse their forms.
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
        if let failure = answers.last?.failure, own.allSatisfy({ $0.failure == nil }) {
            return own.map { _ in .failure(failure) }
        }
        hasFailedTransaction = answers.contains { $0.failure != nil } && isTransactionOpen
        return Array(own)
    }

    /// Opens a transaction that the caller ends.
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

    /// Settings that could end the statement which sets the others: a limit below its duration, or a JIT that compiles
    /// everything or whose library is missing.
    private func beforehand(_ settings: [PinnedSettings.Pin]) -> [Query] {
        [("statement_timeout", "0"), ("jit", "off")]
            .filter { name, _ in settings.contains { $0.name == name } }
            .map { Query("SET LOCAL \($0) = \($1)") }
    }

    /// A standby refuses a transaction declared READ WRITE.
    private func isRefusedByStandby(_ answers: [Result<Rows, PostgresError>]) -> Bool {
        answers.first?.failure?.sqlState == "0A000"
    }

    /// Evaluates the first results, the last of which is about the server.
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
    /// A name that the session does not know, or already knows: it is another session than before. Nothing has run
    /// then.
    var meansAnotherSession: Bool { sqlState == "26000" || sqlState == "42P05" }
}

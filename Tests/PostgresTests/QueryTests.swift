import ChangeFeedTesting
import Foundation
import Postgres
import Synchronization
import Testing

@Suite("Statements")
struct QueryTests {
    private func connection() async throws -> Connection {
        try await PrivateCluster.shared().createDatabase(.empty).connect()
    }

    @Test(
        "hostile text travels beside the SQL and comes back as it was",
        arguments: [
            "'; DROP TABLE x; --", "\"", "\\", "{a,b}", "NULL", "", "☃ 日本語 🧾", "line\nbreak\ttab", "$1",
        ])
    func hostile(text: String) async throws {
        let connection = try await connection()
        let rows = try await connection.query(
            "SELECT $1::text AS value, ($2::text[])[1] AS element", [.text(text), .textArray([text])])
        #expect(try rows[0]["value"].string() == text)
        #expect(try rows[0]["element"].string() == text)
    }

    @Test("text with a NUL is refused before anything is sent")
    func nul() async throws {
        let connection = try await connection()
        await #expect(throws: PostgresError.self) { try await connection.query("SELECT $1::text", ["a\0b"]) }
        #expect(try await connection.query("SELECT 1 AS one")[0]["one"].int() == 1)
    }

    @Test("values decode alike from text and binary", arguments: [false, true])
    func decoding(binary: Bool) async throws {
        let connection = try await connection()
        let rows = try await connection.query(
            Query(
                """
                SELECT 1::int2 AS small, (-2)::int4 AS medium, 9007199254740993::int8 AS large, true AS yes,
                       2.5::float8 AS half, ARRAY[1, -2, 3]::int8[] AS list, '{}'::int8[] AS nothing,
                       '2026-11-24 02:43:08.123456+00'::timestamptz AS time, NULL::int AS missing, 'text' AS word
                """, binary: binary))
        let row = rows[0]
        #expect(try row["small"].int() == 1)
        #expect(try row["medium"].int() == -2)
        #expect(try row["large"].int() == 9_007_199_254_740_993)
        #expect(try row["yes"].bool())
        #expect(try row["half"].double() == 2.5)
        #expect(try row["list"].intArray() == [1, -2, 3])
        #expect(try row["nothing"].intArray() == [])
        #expect(try row["time"].timestamp() == 1_795_488_188_123_456)
        #expect(try row["missing"].optionalInt() == nil)
        #expect(try row["word"].string() == "text")
        #expect(row["absent"].isNull)
        #expect(throws: PostgresError.self) { try row["word"].int() }
    }

    @Test("an error carries the server's fields and never the arguments")
    func errors() async throws {
        let connection = try await connection()
        do {
            _ = try await connection.query(
                Query("SELECT $1::int", ["secret-value-77"], name: "cast"))
            Issue.record("the cast must fail")
        } catch let error as PostgresError {
            #expect(error.code == .server)
            #expect(error.sqlState == "22P02")
            #expect(error.statement == "cast")
        }
    }

    @Test("a prepared statement survives DDL that changes what it gives")
    func stale() async throws {
        let connection = try await connection()
        try await connection.execute(script: "CREATE TABLE thing (a int); INSERT INTO thing VALUES (1)")
        let query = Query("SELECT * FROM thing", name: "all_things")
        #expect(try await connection.query(query).columns == ["a"])
        try await connection.execute(script: "ALTER TABLE thing ADD b int")
        #expect(try await connection.query(query).columns == ["a", "b"])
    }

    @Test("a prepared statement is prepared again after DISCARD ALL")
    func discarded() async throws {
        let connection = try await connection()
        let query = Query("SELECT 3 AS three", name: "three")
        _ = try await connection.query(query)
        _ = try await connection.query("DISCARD ALL")
        #expect(try await connection.query(query)[0]["three"].int() == 3)
    }

    @Test("a statement timeout of the configuration ends a long statement")
    func timeout() async throws {
        var configuration = try await PrivateCluster.shared().createDatabase(.empty).configuration()
        configuration.statementTimeout = .milliseconds(50)
        let connection = try await Connection.connect(configuration)
        do {
            _ = try await connection.query("SELECT pg_sleep(60)")
            Issue.record("the server must end it")
        } catch let error as PostgresError {
            #expect(error.code == .timeout)
        }
    }

    @Test("a result of 50 MB arrives whole")
    func large() async throws {
        let connection = try await connection()
        let rows = try await connection.query("SELECT repeat('x', 50000000) AS text")
        #expect(rows[0]["text"].withBytes { $0.count } == 50_000_000)
    }

    @Test("a pipeline larger than the socket's buffers does not deadlock")
    func largePipeline() async throws {
        let connection = try await connection()
        let text = String(repeating: "x", count: 100_000)
        let answers = try await connection.pipeline(
            (0..<200).map { _ in Query("SELECT $1::text AS echo", [.text(text)]) })
        #expect(answers.count == 200)
        for answer in answers { #expect(try answer.get()[0]["echo"].withBytes { $0.count } == 100_000) }
    }

    @Test("an error inside a pipeline aborts the rest, and the connection stays usable")
    func pipelineError() async throws {
        let connection = try await connection()
        let answers = try await connection.pipeline([Query("SELECT 1"), Query("SELECT 1/0"), Query("SELECT 2")])
        let codes = answers.map { answer -> PostgresError.Code? in
            if case .failure(let error) = answer { error.code } else { nil }
        }
        #expect(codes == [nil, .server, .pipelineAborted])
        #expect(try await connection.query("SELECT 4 AS four")[0]["four"].int() == 4)
    }

    @Test(
        "a password appears in no description",
        arguments: [
            "host=db password=hunter2-secret user=a", "postgresql://a:hunter2-secret@db/odoo",
        ])
    func password(conninfo: String) throws {
        let configuration = try ConnectionConfiguration(conninfo)
        #expect(!"\(configuration)".contains("hunter2"))
        #expect("\(configuration)".contains("host=db"))
    }

    @Test("a connection string that libpq cannot read is refused without repeating it")
    func unreadable() {
        do {
            _ = try ConnectionConfiguration("hunter2-secret")
            Issue.record("must be refused")
        } catch {
            #expect(error.code == .invalidConfiguration)
            #expect(!"\(error)".contains("hunter2"))
        }
    }

    /// Each notice once went through two functions more than the one before.
    @Test("a script's notices come in the same depth however many there are")
    func notices() async throws {
        let connection = try await PrivateCluster.shared().createDatabase(.empty).connect()
        let depths = Mutex<[Int]>([])
        let script = "DO $$ BEGIN FOR i IN 1..40 LOOP RAISE NOTICE '%', i; END LOOP; END $$"
        try await connection.execute(script: script) { _ in
            depths.withLock { $0.append(Thread.callStackReturnAddresses.count) }
        }
        await connection.close()
        let measured = depths.withLock { $0 }
        #expect(measured.count == 40 && measured.last == measured.first)
    }
}

import ChangeFeedTesting
import Foundation
import Testing

/// What a DBA may have set for the database or the role changes neither whether the service runs nor what it says.
@Suite("Settings of the database", .timeLimit(.minutes(10)))
struct DatabaseSettingTests {
    /// Answers of the service that hold no times of their own.
    private struct Answers: Equatable {
        var bodies: [String] = []
        var tail = ""
    }

    private func serve(_ settings: [String]) async throws -> Answers {
        let cluster = try await PrivateCluster.make()
        let database = try await cluster.createDatabase(.installed)
        try await database.psql(
            """
            SELECT changefeed.check_identity();
            UPDATE res_partner SET phone = '1', name = E'back\\\\slash ''quoted'' \\u20ac' WHERE id IN (1, 2);
            UPDATE res_partner SET create_date = '2026-11-01 10:00:00', write_date = '2026-11-02 11:00:00.5';
            UPDATE changefeed.event SET occurred_at = '2026-11-24 02:43:08.123456+00';
            """)
        for setting in settings {
            let name = String(setting.prefix { $0 != " " })
            // Some are of later releases, or not for all servers.
            guard
                try await database.psql(
                    "SELECT count(*) FROM pg_settings WHERE lower(name) = lower('\(name)')", in: "postgres") == "1"
            else { continue }
            try await database.psql("ALTER DATABASE \(database.name) SET \(setting)", in: "postgres")
            try await database.psql(
                "ALTER ROLE changefeed_login IN DATABASE \(database.name) SET \(setting)", in: "postgres")
        }
        let service = try RunningService(database.conninfo(user: "changefeed_login"))
        try await service.ready()
        let tail = try BuiltBinary.start(
            ["tail"], environment: ["DATABASE_URL": database.conninfo(user: "changefeed_login")])
        try await eventually("tail listens: \(tail.errors)") {
            try await database.psql(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'changefeed tail' AND query LIKE '%tail(%'",
                in: "postgres") == "1"
        }
        var answers = Answers()
        for path in [
            "/api/v1/webhook/events", "/api/v1/webhook/events?since=2026-11-24T02:43:08Z&model=res.partner",
            "/api/v2/app-types",
        ] {
            let answer = try await service.get(path)
            #expect(answer.status == 200, "\(settings) \(path): \(answer.body) \(service.process.errors.suffix(1_000))")
            answers.bodies.append(answer.body)
        }
        let pull = try await service.get("/api/v2/sync/pull?device_id=phone&models=res.partner&start=earliest")
        #expect(pull.status == 200, "\(settings): \(pull.body) \(service.process.errors.suffix(1_000))")
        let object = try JSONSerialization.jsonObject(with: Data(pull.body.utf8)) as? [String: Any]
        let events = try JSONSerialization.data(withJSONObject: object?["events"] ?? [], options: .sortedKeys)
        answers.bodies.append(String(decoding: events, as: UTF8.self))
        let digest = try await service.get("/api/v2/sync/digest?device_id=phone&model=res.partner")
        #expect(digest.status == 200, "\(settings): \(digest.body)")
        answers.bodies.append(digest.body)
        // A writer of the database's own settings, as Odoo is one.
        try await database.psql(
            """
            SET statement_timeout = 0;
            SET jit = off;
            SET default_transaction_read_only = off;
            UPDATE public.res_partner SET phone = '3' WHERE id = 3;
            """, user: "odoo")
        try await eventually("tail shows the change") { tail.output.contains("res.partner  write  3") }
        answers.tail = tail.output.components(separatedBy: "  ").dropFirst().joined(separator: "  ")
        let verify = try await BuiltBinary.run(["verify", "--database", database.conninfo(user: "changefeed_login")])
        answers.bodies.append("\(verify.status) \(verify.output)")
        service.process.terminate()
        #expect(try await service.process.waitForExit() == 0)
        await cluster.remove()
        return answers
    }

    private static let plain = Task { try await DatabaseSettingTests().serve([]) }

    @Test(
        "do not reach the service: versions 1 and 2 with data, tail and verify answer as without",
        arguments: [
            ["default_transaction_isolation = 'repeatable read'"], ["default_transaction_isolation = 'serializable'"],
            ["default_transaction_read_only = on"], ["statement_timeout = '1ms'"], ["lock_timeout = '1ms'"],
            [
                "idle_in_transaction_session_timeout = '1ms'", "idle_session_timeout = '1s'",
                "transaction_timeout = '2s'",
            ],
            ["standard_conforming_strings = off", "backslash_quote = off"], ["quote_all_identifiers = on"],
            ["search_path = 'nowhere'"], ["search_path = public, pg_catalog"],
            ["DateStyle = 'SQL, DMY'", "IntervalStyle = 'iso_8601'", "TimeZone = 'Asia/Kathmandu'"],
            ["bytea_output = 'escape'", "extra_float_digits = -15", "xmloption = 'document'", "xmlbinary = 'hex'"],
            ["client_encoding = 'LATIN1'"], ["row_security = off"], ["synchronous_commit = off"],
            ["plan_cache_mode = force_generic_plan", "jit = on", "jit_above_cost = 0", "enable_seqscan = off"],
            ["array_nulls = off", "transform_null_equals = on"],
        ])
    func pinned(settings: [String]) async throws {
        let found = try await serve(settings)
        let plain = try await Self.plain.value
        for (answer, expected) in zip(found.bodies, plain.bodies) {
            // synchronous_commit = off is a finding of verify's own.
            if settings == ["synchronous_commit = off"], answer.contains("CF114") { continue }
            #expect(answer == expected, "\(settings)")
        }
        #expect(found.tail == plain.tail, "\(settings)")
    }
}

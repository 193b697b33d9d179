import ChangeFeedTesting
@testable import Postgres
import Testing

@Suite("Pinned settings")
struct PinnedSettingsTests {
    private func text(_ sql: String, _ configuration: ConnectionConfiguration) async throws -> String? {
        let connection = try await Connection.connect(configuration)
        let text = try await connection.query(sql)[0][0].text
        await connection.close()
        return text
    }

    @Test("win over what the database sets for its sessions, each of them")
    func all() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.empty)
        let other = [
            "default_transaction_isolation": "serializable", "default_transaction_read_only": "on",
            "default_transaction_deferrable": "on",
            "synchronous_commit": "off", "standard_conforming_strings": "off", "array_nulls": "off",
            "transform_null_equals": "on",
            "quote_all_identifiers": "on", "datestyle": "SQL, DMY", "intervalstyle": "iso_8601",
            "timezone": "Asia/Kathmandu",
            "bytea_output": "escape", "extra_float_digits": "-15", "row_security": "off",
            "plan_cache_mode": "force_generic_plan", "jit": "on",
            "statement_timeout": "1ms", "lock_timeout": "1ms", "idle_in_transaction_session_timeout": "1ms",
            "idle_session_timeout": "1s", "transaction_timeout": "1s", "search_path": "nowhere, pg_catalog",
        ]
        let version = try await Int32(database.psql("SHOW server_version_num")) ?? 0
        let pins = PinnedSettings.qualified.pins.filter { $0.since <= version }
        for pin in pins {
            let value = try #require(other[pin.name], "\(pin.name)")
            try await database.psql(
                "ALTER DATABASE \(database.name) SET \(pin.name) = \(pin.name == "search_path" ? value : "'\(value)'")",
                in: "postgres")
        }
        var configuration = try database.configuration()
        configuration.pinned = .qualified
        let connection = try await Connection.connect(configuration)
        for pin in pins {
            #expect(
                try await connection.query("SELECT current_setting($1::text)", [.text(pin.name)])[0][0].text
                    == pin.value, "\(pin.name)")
        }
        await connection.close()
    }

    @Test("leave a limit that the connection string sets, and what is as good")
    func kept() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.empty)
        try await database.psql("ALTER DATABASE \(database.name) SET synchronous_commit = remote_apply", in: "postgres")
        let limited = try ConnectionConfiguration(
            database.conninfo() + " options='-c statement_timeout=4s -c datestyle=German'")
        #expect(try await text("SHOW statement_timeout", limited) == "4s")
        #expect(try await text("SHOW datestyle", limited) == "ISO, MDY")
        #expect(try await text("SHOW synchronous_commit", limited) == "remote_apply")
    }

    @Test("give way to what the configuration asks for")
    func asked() async throws {
        var configuration = try await PrivateCluster.shared().createDatabase(.empty).configuration()
        configuration.runtimeParameters = ["timezone": "Asia/Kathmandu"]
        configuration.statementTimeout = .seconds(9)
        #expect(try await text("SHOW timezone", configuration) == "Asia/Kathmandu")
        #expect(try await text("SHOW statement_timeout", configuration) == "9s")
    }

    @Test("are in UTF-8, whatever the connection string says")
    func encoding() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.empty)
        let latin = try ConnectionConfiguration(database.conninfo() + " client_encoding=LATIN1")
        #expect(try await text("SELECT '€' || current_setting('client_encoding')", latin) == "€UTF8")
    }
}

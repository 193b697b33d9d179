package import ChangeFeed
internal import Foundation
package import Postgres

/// Connects, runs the body, and closes the connection in any case.
/// - Parameter needsSchema: the body uses schema changefeed; where it is missing, of another version or withheld, the
///   error says so, with the command that helps.
package func withConnection<T: Sendable>(
    to configuration: ConnectionConfiguration, needsSchema: Bool = true,
    _ body: nonisolated(nonsending) (Connection) async throws -> T
) async throws -> T {
    let connection = try await Connection.connect(configuration)
    do {
        let value = try await body(connection)
        await connection.close()
        return value
    } catch {
        let better = needsSchema ? await SchemaFault.explanation(of: error, on: connection) : nil
        await connection.close()
        throw better ?? error
    }
}

/// What is behind PostgreSQL's "does not exist" and "permission denied" about schema changefeed.
package enum SchemaFault {
    /// No such schema, table, column or function; no right.
    private static let states = ["3F000", "42P01", "42703", "42883", "42501"]

    /// The same for an error of a pool's connection.
    package static func explanation(of error: any Error, at database: ConnectionConfiguration) async
        -> ChangeFeedError?
    {
        guard let state = (error as? PostgresError)?.sqlState, states.contains(state) else { return nil }
        return try? await withConnection(to: database, needsSchema: false) {
            await explanation(of: error, on: $0)
        }
    }

    /// - Returns: nil where the error is about something else.
    fileprivate static nonisolated(nonsending) func explanation(
        of error: any Error, on connection: Connection
    ) async -> ChangeFeedError? {
        guard let error = error as? PostgresError, states.contains(error.sqlState ?? ""),
            let schema = try? await InstalledSchema.read(on: connection)
        else { return nil }
        switch schema {
        case .missing where error.sqlState != "42501": return .notInstalled
        case .version(let found) where found != FeedIdentity.schemaVersion && error.sqlState != "42501":
            return .schemaVersion(found)
        case .withheld:
            guard let role = try? await ServiceRights.role(on: connection) else { return nil }
            return .notPermitted(role: role)
        case .missing, .version: return nil
        }
    }
}

private struct Undone<Value: Sendable>: Error {
    let value: Value
}

extension Connection {
    /// Runs the body in a transaction that is committed only if `isKept`, for `--dry-run`. Returns the body's result
    /// either way.
    package nonisolated(nonsending) func transaction<T: Sendable>(
        isKept: Bool, _ body: nonisolated(nonsending) (Connection) async throws -> T
    ) async throws -> T {
        do {
            return try await transaction { connection in
                let value = try await body(connection)
                if !isKept { throw Undone(value: value) }
                return value
            }
        } catch let undone as Undone<T> {
            return undone.value
        }
    }
}

/// JSON with snake_case keys in order.
package enum SortedJSON {
    package static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}

extension ChangeFeedError {
    fileprivate static let notInstalled = ChangeFeedError(
        .notInstalled, "Schema changefeed is not in this database.",
        hint: "Run `changefeed install`, or `psql -v ON_ERROR_STOP=1 -f sql/install.sql`.")

    fileprivate static func schemaVersion(_ found: Int64) -> ChangeFeedError {
        ChangeFeedError(
            .schemaVersionMismatch,
            "Schema changefeed has version \(found), this binary needs version \(FeedIdentity.schemaVersion).",
            hint: found < FeedIdentity.schemaVersion
                ? "Run `changefeed install` of this binary." : "Use the binary that installed it, or a newer one.")
    }

    fileprivate static func notPermitted(role: String) -> ChangeFeedError {
        ChangeFeedError(
            .notPermitted, "\(role.plainLine) may not use schema changefeed.",
            hint:
                "GRANT changefeed_service TO \"\(role.plainLine.replacing("\"", with: "\"\""))\"; or give another login with --database."
        )
    }

    package static func notTracked(_ model: String) -> ChangeFeedError {
        ChangeFeedError(
            .modelNotTracked, "Model \(model.plainLine) is not tracked.",
            hint: "List the tracked ones: SELECT * FROM changefeed.tracked;")
    }
}

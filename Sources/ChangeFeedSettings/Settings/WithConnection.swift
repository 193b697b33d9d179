package import ChangeFeed
internal import Foundation
package import Postgres

/// Connects, runs the body, and closes the connection in any case.
package func withConnection<T: Sendable>(
    to configuration: ConnectionConfiguration, _ body: nonisolated(nonsending) (Connection) async throws -> T
) async throws -> T {
    let connection = try await Connection.connect(configuration)
    do {
        let value = try await body(connection)
        await connection.close()
        return value
    } catch {
        await connection.close()
        throw error
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
    package static func notTracked(_ model: String) -> ChangeFeedError {
        ChangeFeedError(
            .modelNotTracked, "Model \(model.plainLine) is not tracked.",
            hint: "List the tracked ones: SELECT * FROM changefeed.tracked;")
    }
}

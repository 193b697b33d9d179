/// Waits until the condition holds.
/// - Throws: `PrivateCluster.Failure` that says what did not happen, after the limit.
public func eventually(
    within limit: Duration = .seconds(180), _ what: @autoclosure () -> String, _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else {
            throw PrivateCluster.Failure(description: "did not happen within \(limit): \(what())")
        }
        try await Task.sleep(for: .milliseconds(5))
    }
}

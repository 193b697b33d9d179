internal import ChangeFeed
internal import DequeModule

/// What refusals of the database mean for an endpoint.
extension EndpointRun {
    /// Nothing may be delivered to the endpoint.
    struct Standing: Error {}

    /// What a refusal of the database means for the endpoint.
    /// - Returns: false when it ends this run.
    func accept(_ refusal: SyncRefusal) async -> Bool {
        page = nil
        switch refusal {
        case .resync(let due):
            resync.notice = DeliveryMessage(
                id: "msg_\(endpoint.feed)_\(endpoint.id)_resync_\(Timestamp.now.microseconds)", events: [], attempts: 0,
                // Nothing says where the list that follows ends, so that a receiver could not tell what is not in it.
                body: WebhookMessage.resync(
                    models: due.models, code: due.code, mode: "replace", timestamp: Timestamp.now.iso8601
                ).body)
            resync.models = Deque(due.models.compactMap { ModelName($0) })
            resync.cursor = nil
            around.observe(.resynced(endpoint: endpoint.name, models: due.models))
            return true
        case .appTypeUnknown: await pause("its app type does not exist")
        case .modelNotInAppType: await pause("a model is not in its app type")
        default:
            tell(Trouble(.other, "the database refused a pull"))
        }
        return false
    }

    func accept(_ refusal: AccessRefusal) async -> Bool {
        page = nil
        switch refusal {
        case .filterInvalid where reusesFilters:
            // Odoo's fields may have changed since they were compiled.
            filters = nil
            mayPull = true
            dueAt = dueAt.map { _ in .now }
            return true
        case .modelNotReadable: await pause("its user may not read one of its models")
        case .fieldUnknown: await pause("its user may not see one of its fields")
        case .filterInvalid(_, let why): await pause("its filter is not valid: \(why)")
        case .companyNotAllowed: await pause("its user has no access to one of its companies")
        case .rulesNotCompiled, .ruleFailed, .tableNotReadable:
            // Until that is mended: changefeed verify tells how.
            mayPull = true
            dueAt = dueAt.map { _ in .now }
            tell(Trouble(.other, "record rules cannot be applied"))
            return true
        }
        return false
    }

    /// The caller of a statement was nobody: finds out why. If the database does not answer, or what was in the way has
    /// passed, the next run asks.
    func explain() async {
        if let reason = (try? await obstacle()) ?? nil { await pause(because: reason) }
    }

    /// Why the endpoint's user gets nothing any more.
    private func obstacle() async throws -> String? {
        guard let standing = try await around.store.standing(endpoint) else { return nil }
        return standing == "portal_user" && around.sync.allowPortal ? nil : Self.reason(standing)
    }

    static func reason(_ standing: String) -> String? {
        switch standing {
        case "user_inactive": "its user is archived or does not exist"
        case "api_key_revoked": "the API key with which it was created is revoked"
        case "portal_user": "portal users are not allowed"
        default: nil
        }
    }

    /// - Parameter refusal: what the database refused, unless nothing may be delivered at all, for a better reason.
    func pause(_ refusal: String) async {
        let obstacle = (try? await obstacle()) ?? nil
        await pause(because: obstacle ?? refusal)
    }

    private func pause(because reason: String) async {
        around.observe(.paused(endpoint: endpoint.name, reason: reason))
        try? await around.store.pause(endpoint, because: reason)
    }
}

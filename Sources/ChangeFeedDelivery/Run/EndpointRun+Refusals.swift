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
                body: WebhookMessage.resync(
                    models: due.models, code: due.code, mode: due.mode, timestamp: Timestamp.now.iso8601
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

    /// The caller of a statement was nobody: finds out why.
    func explain() async {
        let standing: String?
        // If the database does not answer, the next run asks.
        do { standing = try await around.store.standing(endpoint) } catch { return }
        switch standing {
        case nil: await pause(because: "portal users are not allowed")
        case let standing?: if let reason = Self.reason(standing) { await pause(because: reason) }
        }
    }

    static func reason(_ standing: String) -> String? {
        switch standing {
        case "user_inactive": "its user is archived or does not exist"
        case "api_key_revoked": "the API key with which it was created is revoked"
        default: nil
        }
    }

    /// - Parameter refusal: what the database refused, unless nothing may be delivered at all, for a better reason.
    func pause(_ refusal: String) async {
        let standing = (try? await around.store.standing(endpoint)) ?? nil
        await pause(because: standing.flatMap(Self.reason) ?? refusal)
    }

    private func pause(because reason: String) async {
        around.observe(.paused(endpoint: endpoint.name, reason: reason))
        try? await around.store.pause(endpoint, because: reason)
    }
}

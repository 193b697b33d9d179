internal import ChangeFeed
internal import DequeModule
internal import Postgres

/// What is sent next: records that wait, lists of a resync, the log.
extension EndpointRun {
    /// Reads what is to be sent next.
    /// - Returns: false when there is nothing.
    func nextPage(limit: Int, isImmediate: Bool) async throws -> Bool {
        if let notice = resync.notice {
            // It may take longer than its page.
            if flights.values.contains(where: { $0.message.id == notice.id }) { return false }
            page = Page(pending: [notice], token: nil)
            return true
        }
        if isBehind, mayPull, !isImmediate, resync.models.isEmpty, try await readLog(limit: limit) { return true }
        // What waits comes first: it is older. In order, nothing overtakes it.
        if isImmediate || dueAt.map({ $0 <= .now }) == true {
            if try await readDue(limit: limit, isImmediate: isImmediate) { return true }
        }
        if endpoint.inOrder, dueAt != nil { return false }
        if !resync.models.isEmpty { return try await readList() }
        // Without a hint: one may have been missed.
        guard mayPull || .now - pulledAt >= around.pace.look else { return false }
        return try await readLog(limit: limit)
    }

    func readDue(limit: Int, isImmediate: Bool) async throws -> Bool {
        var request = DeviceSync.DueRequest(
            endpoint: endpoint.id, revision: endpoint.revision, scope: endpoint.scope)
        request.companies = endpoint.companies
        request.withData = endpoint.withData
        request.fields = endpoint.fields
        request.limit = limit
        request.isImmediate = isImmediate
        request.inOrder = endpoint.inOrder
        request.prepared = try await prepared()
        guard let due = try await ask({ try await around.sync.due(request) }) else { throw Standing() }
        dueAt = due.next.map { .now + $0 }
        guard let text = due.events?.text else {
            if !due.isWaiting {
                held = held.filter { key, _ in flights.values.contains { $0.message.keys.contains(key) } }
                remembersAll = true
                isBehind = isBehind && mayPull
            }
            return false
        }
        if due.isWaiting, dueAt == nil { dueAt = .now }
        // The state of now may come at any moment after this page.
        if !due.isWaiting { dueAt = .now + around.pace.look }
        let events = try DeliveredEvent.list(text)
        for event in events where remembersAll {
            held[RecordKey(model: event.model, recordID: event.recordID), default: 0] = event.id
        }
        try open(
            events.enumerated().map { ($1, $0 < due.attempts.count ? due.attempts[$0] : 0) }, token: nil,
            isTrial: isImmediate)
        return true
    }

    func readLog(limit: Int) async throws -> Bool {
        var request = DeviceSync.PullRequest(device: endpoint.device)
        request.scope = endpoint.scope
        request.companies = endpoint.companies
        request.limit = isBehind ? DeviceSync.PullRequest.largestPage : limit
        request.withData = endpoint.withData && !isBehind
        request.fields = endpoint.fields
        request.maximumBytes = 8 << 20
        if endpoint.batchSize > 1, !isBehind, !leavesMore { try await Task.sleep(for: around.pace.batch) }
        let prepared = try await prepared()
        request.prepared = prepared
        (mayPull, pulledAt) = (false, .now)
        guard
            let pull = try await ask({
                try await around.sync.pull(request, for: .endpoint(endpoint.id, revision: endpoint.revision))
            })
        else {
            throw Standing()
        }
        leavesMore = pull.hasMore
        listen(as: pull.audience, prepared)
        guard pull.count > 0, let text = pull.events?.text else {
            mayPull = pull.hasMore
            if !pull.hasMore {
                fullPages = 0
                misses += 1
                if misses == 3 { around.gate.asks(endpoint.id, true) }
                if remembersAll, held.isEmpty { isBehind = false }
            }
            return pull.hasMore
        }
        if misses >= 3 { around.gate.asks(endpoint.id, false) }
        misses = 0
        mayPull = pull.hasMore
        let events = try DeliveredEvent.list(text)
        if !pull.hasMore {
            fullPages = 0
        } else if request.limit == DeviceSync.PullRequest.largestPage || isOld(events.first) {
            fullPages += 1
        }
        if fullPages > around.pace.fullPages, pull.firstCopy == nil { isBehind = true }
        try open(events.map { ($0, 0) }, token: pull.token, isTrial: limit == 1)
        // A first copy has every record once.
        if pull.firstCopy != nil, remembersAll { isBehind = false }
        return true
    }

    private func isOld(_ event: DeliveredEvent?) -> Bool {
        guard let event, let time = Timestamp(iso8601: event.occurredAt) else { return false }
        return Double(Timestamp.now.microseconds - time.microseconds) / 1_000_000 > around.pace.behind.seconds
    }

    /// The endpoint's filters; compiled again after a minute, since Odoo's fields may have changed.
    private func prepared() async throws -> DeviceSync.PreparedFilters {
        if let filters, filters.until > .now {
            reusesFilters = true
            return filters.prepared
        }
        reusesFilters = false
        let prepared = try await ask {
            try await around.sync.prepare(
                endpoint.scope.filters, endpoint.companies,
                for: .endpoint(endpoint.id, revision: endpoint.revision))
        }
        guard let prepared else { throw Standing() }
        filters = (prepared, .now + .seconds(60))
        return prepared
    }

    /// Changes that concern the endpoint wake it from now on, and what came since the pull that named this audience.
    private func listen(as audience: Audience, _ filters: DeviceSync.PreparedFilters) {
        if self.audience == audience, listensWith == filters { return }
        (self.audience, listensWith) = (audience, filters)
        misses = 0
        around.gate.join(endpoint.id, audience, filters) { [mailbox] in mailbox.send(.hint) }
        mailbox.send(.hint)
    }

    private static func recordID(_ json: ArraySlice<UInt8>) throws -> Int64 {
        for (name, value) in JSONMembers(json) where name == "record_id" {
            if let id = Int64(JSONMembers.text(value)) { return id }
        }
        throw WebhookError(.eventInvalid, "a record of a list has no number")
    }

    func readList() async throws -> Bool {
        guard let model = resync.models.first else { return false }
        // A page at a time: what it gave is delivered before the next one is read.
        if dueAt != nil { return false }
        var request = DeviceSync.ListRequest(device: endpoint.device, model: model)
        request.cursor = resync.cursor
        request.limit = DeviceSync.ListRequest.limits.upperBound
        request.fields = ["id"]
        request.filters = endpoint.scope.filters.filter { $0.key == model }
        request.companies = endpoint.companies
        let list: DeviceSync.RecordPage
        do {
            guard
                let answer = try await ask({
                    try await around.sync.list(request, for: .endpoint(endpoint.id, revision: endpoint.revision))
                })
            else { throw Standing() }
            list = answer
        } catch SyncRefusal.cursorMismatch where resync.cursor != nil {
            resync.cursor = nil
            return true
        } catch AccessRefusal.modelNotReadable {
            resync.models.removeFirst()
            resync.cursor = nil
            return true
        }
        let now = Timestamp.now.iso8601
        let records = try JSONElements(list.records.text ?? "[]").map { record in
            DeliveredEvent(
                id: 0, model: model.rawValue, recordID: try Self.recordID(record), kind: "create", occurredAt: now,
                reason: "copy")
        }
        let settled = records.map { Settlement($0, .waits) }
        mayBeQueued = true
        guard let outcome = try await ask({ try await around.store.settle(endpoint, settled, log: []) }) else {
            throw Standing()
        }
        mayBeQueued = outcome.isQueued
        hold(settled)
        resync.cursor = list.nextCursor
        if list.isComplete {
            resync.models.removeFirst()
            resync.cursor = nil
            mayPull = true
        }
        return true
    }

    /// Opens a page: what the receiver does not want, or what has to wait for an earlier message, is settled already.
    func open(
        _ events: [(event: DeliveredEvent, attempts: Int)], token: String?, isTrial: Bool
    ) throws {
        var page = Page(pending: [], token: token)
        var wanted: [(event: DeliveredEvent, attempts: Int)] = []
        let flying = Set(flights.values.flatMap(\.message.keys))
        for entry in events {
            let key = RecordKey(model: entry.event.model, recordID: entry.event.recordID)
            if !endpoint.kinds.contains(entry.event.kind) {
                // Of the log it is settled with its page; an earlier event of the record may still wait.
                if token == nil { page.settled.append(Settlement(entry.event, .accepted)) }
            } else if token != nil, isBehind || held[key] != nil || flying.contains(key) {
                page.settled.append(
                    Settlement(
                        entry.event, .waits, dueIn: flying.contains(key) ? around.pace.abandoned : .zero))
            } else {
                wanted.append(entry)
            }
        }
        page.pending = Deque(try DeliveryMessage.messages(wanted, to: endpoint))
        page.size = events.count
        if isTrial {
            page.pending = Deque(
                page.pending.map {
                    var message = $0; message.isTrial = true; return message
                })
        }
        self.page = page
    }
}

internal import ChangeFeed
internal import DequeModule
internal import Postgres

/// What is sent next: records that wait, lists of a resync, the log.
extension EndpointRun {
    /// Reads what is to be sent next.
    /// - Returns: false when there is nothing.
    func nextPage(limit: Int, isImmediate: Bool) async throws -> Bool {
        if let notice = resync.notice {
            // It may take longer than its page, and the receiver must not take what was sent before for newer.
            guard flights.isEmpty else { return false }
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
        let answer = try await read("due") { try await around.sync.due(request) }
        guard let due = answer else { throw Standing() }
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
        let answer = try await read("pull") {
            try await around.sync.pull(request, for: .endpoint(endpoint.id, revision: endpoint.revision))
        }
        guard let pull = answer else { throw Standing() }
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
        let prepared = try await read("filters") {
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

    func readList() async throws -> Bool {
        guard let model = resync.models.first else { return false }
        // A page at a time: what it gave is delivered before the next one is read.
        if dueAt != nil { return false }
        var request = DeviceSync.EndpointListRequest(
            endpoint: endpoint.id, revision: endpoint.revision, owner: around.store.owner, model: model)
        request.cursor = resync.cursor
        request.filters = endpoint.scope.filters.filter { $0.key == model }
        request.companies = endpoint.companies
        let list: DeviceSync.EndpointListPage
        // Unless the next settlement says otherwise: the answer may be lost.
        mayBeQueued = true
        do {
            let answer = try await read("list \(model)") { try await around.sync.list(request) }
            guard let answer else { throw Standing() }
            list = answer
        } catch SyncRefusal.cursorMismatch where resync.cursor != nil {
            // Records of this list that are gone since are told by no later one: the receiver drops them all again.
            resync = Resync()
            mayPull = true
            return true
        } catch AccessRefusal.modelNotReadable {
            resync.models.removeFirst()
            resync.cursor = nil
            return true
        }
        guard !list.isLost else { throw Lost() }
        hold(
            list.recordIDs.map { id in
                Settlement(
                    DeliveredEvent(
                        id: 0, model: model.rawValue, recordID: id, kind: "create", occurredAt: "", reason: "copy"),
                    .waits)
            })
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
        let flying = Dictionary(
            flights.values.flatMap(\.message.events).map { (RecordKey(model: $0.model, recordID: $0.recordID), $0.id) },
            uniquingKeysWith: max)
        for entry in events {
            let key = RecordKey(model: entry.event.model, recordID: entry.event.recordID)
            let underWay = flying[key]
            if !endpoint.kinds.contains(entry.event.kind) {
                // Of the log it is settled with its page; an earlier event of the record may still wait.
                if token == nil { page.settled.append(Settlement(entry.event, .accepted)) }
            } else if underWay != nil || token != nil && (isBehind || held[key] != nil) {
                var waits = Settlement(
                    entry.event, .waits, attempts: entry.attempts,
                    dueIn: underWay != nil ? around.pace.abandoned : .zero)
                // A copy under way has a number above that of a transaction which was open when it was listed.
                if token != nil, let underWay, underWay > waits.eventID { waits.eventID = 0 }
                page.settled.append(waits)
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

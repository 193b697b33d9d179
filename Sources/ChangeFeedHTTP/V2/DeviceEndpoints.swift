internal import ChangeFeed
internal import Hummingbird

/// A device's own calls: `POST /api/v2/sync/acknowledge`, `GET /api/v2/sync/state`,
/// `POST /api/v2/sync/reset`, `GET` and `DELETE /api/v2/devices`, `GET /api/v2/me` and `GET /api/v2/app-types`.
struct DeviceEndpoints: Sendable {
    let sync: DeviceSync
    let door: SyncDoor
    let maximumBodyBytes: Int

    // MARK: acknowledge

    private struct Acknowledgement: Decodable {
        let userID: Int64?
        let device: String
        let events: [Int64]?
        let token: String?

        private enum CodingKeys: String, CodingKey {
            case userID = "user_id"
            case device = "device_id"
            case events = "event_ids"
            case token = "sync_token"
        }

        init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: CodingKeys.self)
            userID = try members.looseInteger(forKey: .userID)
            device = try members.decode(String.self, forKey: .device)
            events = try members.decodeIfPresent([Int64].self, forKey: .events)
            token = try members.decodeIfPresent(String.self, forKey: .token)
        }
    }

    func acknowledge(_ request: Request, _ context: FeedRequestContext) async throws -> Response {
        let credentials = try await door.credentials(request, context)
        let body = try await JSONBody.read(
            Acknowledgement.self, from: request, context, upTo: maximumBodyBytes,
            expected: "an object with device_id and either event_ids (a list of whole numbers) or sync_token")
        let device = try Self.device(body.device)
        let settled: DeviceSync.Settled
        switch (body.events, body.token) {
        case (let events?, nil): settled = .events(events)
        case (nil, let token?) where TokenText.accept(token) != nil: settled = .token(token)
        case (nil, .some): throw SyncRefusal.cursorMalformed
        default:
            throw Problem(.bodyInvalid, "The body must contain either event_ids or sync_token.")
        }
        let count = try await door.admit(
            credentials, context, Question(.acknowledge, device: device), device: device, userID: body.userID,
            isAcknowledgement: true
        ) { caller in
            try await sync.acknowledge(settled, device: device, for: caller)
        }
        return Response(
            json: .object([
                ("acknowledged", .int(count)),
                (
                    "message",
                    .string(
                        count == 0
                            ? "There was nothing left to acknowledge."
                            : count == 1 ? "1 event was acknowledged." : "\(count) events were acknowledged.")
                ),
            ]))
    }

    // MARK: state and reset

    func state(_ request: Request, _ context: FeedRequestContext) async throws -> Response {
        let credentials = try await door.credentials(request, context)
        let parameters = try QueryParameters(
            request, known: ["device_id", "user_id"], repeatable: [QueryParameters.companies])
        let device = try parameters.readDevice()
        let companies = try parameters.readCompanies(request)
        return Response(
            json: try await door.admit(
                credentials, context, Question(.state, device: device), device: device,
                userID: try parameters.readUser()
            ) { caller in
                try await sync.state(of: device, companies: companies, for: caller)
            })
    }

    private struct Reset: Decodable {
        let userID: Int64?
        let device: String?
        let to: String?

        private enum CodingKeys: String, CodingKey {
            case userID = "user_id"
            case device = "device_id"
            case to
        }

        init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: CodingKeys.self)
            userID = try members.looseInteger(forKey: .userID)
            device = try members.decodeIfPresent(String.self, forKey: .device)
            to = try members.decodeIfPresent(String.self, forKey: .to)
        }
    }

    /// Takes its parameters from a JSON body, or from the query if there is no body.
    func reset(_ request: Request, _ context: FeedRequestContext) async throws -> Response {
        let credentials = try await door.credentials(request, context)
        let parameters = try QueryParameters(request, known: ["device_id", "user_id", "to"])
        var user = try parameters.readUser()
        var to = try parameters.read("to", expected: QueryParameters.startExpected) { DeviceSync.Start($0) }
        let device: DeviceName
        if request.headers.announceBody {
            let body = try await JSONBody.read(
                Reset.self, from: request, context, upTo: maximumBodyBytes,
                expected: "an object with device_id and, optionally, to (all, now, earliest or a date and time)")
            device = try body.device.map(Self.device) ?? parameters.readDevice()
            user = body.userID ?? user
            if let text = body.to {
                guard let start = DeviceSync.Start(text) else {
                    throw QueryParameters.invalid("to", expected: QueryParameters.startExpected)
                }
                to = start
            }
        } else {
            device = try parameters.readDevice()
        }
        let start = to ?? .now
        _ = try await door.admit(credentials, context, Question(.reset, device: device), device: device, userID: user) {
            caller in
            try await sync.reset(device, to: start, for: caller)
        }
        return Response(
            json: .object([("status", .string("success")), ("message", .string("The device starts over."))]))
    }

    private static func device(_ text: String) throws(Problem) -> DeviceName {
        guard let device = DeviceName(ofClient: text) else {
            throw QueryParameters.invalid("device_id", expected: QueryParameters.deviceExpected)
        }
        return device
    }

    // MARK: a user's devices

    /// The devices of the authenticated user, ordered by name.
    func list(_ request: Request, _ context: FeedRequestContext) async throws -> Response {
        let credentials = try await door.credentials(request, context)
        let parameters = try QueryParameters(request, known: ["limit", "after"])
        let limit = try parameters.readInteger("limit", in: DeviceSync.DevicePage.limits) ?? 100
        let after = try parameters.read("after", expected: QueryParameters.deviceExpected) { DeviceName($0) }
        let page = try await door.admit(credentials, context, Question(.devices), device: nil) { caller in
            try await sync.devices(after: after, limit: limit, for: caller)
        }
        return Response(
            before: [], member: "devices", json: page.devices,
            after: [("next_after", page.nextAfter.map { .string($0) } ?? .null)])
    }

    /// Removes a device of the authenticated user.
    func forget(_ request: Request, _ context: FeedRequestContext) async throws -> Response {
        let credentials = try await door.credentials(request, context)
        let device = try QueryParameters(request, known: ["device_id"]).readDevice()
        _ = try await door.admit(credentials, context, Question(.devices, device: device), device: device) { caller in
            try await sync.forget(device, for: caller)
        }
        return Response(
            json: .object([("status", .string("success")), ("message", .string("The device is removed."))]))
    }

    /// The authenticated user.
    func profile(_ request: Request, _ context: FeedRequestContext) async throws -> Response {
        let credentials = try await door.credentials(request, context)
        _ = try QueryParameters(request, known: [])
        return Response(
            json: try await door.admit(credentials, context, Question(.profile), device: nil) { caller in
                try await sync.profile(of: caller)
            })
    }

    // MARK: app types

    func appTypes(_ request: Request, _ context: FeedRequestContext) async throws -> Response {
        let credentials = try await door.credentials(request, context)
        _ = try QueryParameters(request, known: [])
        return Response(
            before: [], member: "app_types",
            json: try await door.admit(credentials, context, Question(.appTypes), device: nil) { caller in
                try await sync.appTypes(for: caller)
            },
            after: [])
    }
}

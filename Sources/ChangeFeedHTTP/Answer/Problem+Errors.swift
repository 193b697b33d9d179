internal import ChangeFeed
internal import ChangeFeedConsole
internal import ChangeFeedDelivery
internal import HTTPTypes
internal import Hummingbird
internal import Postgres

extension Problem {
    /// The client's view of an error. Internals stay in the log.
    init(_ error: any Error, path: String) {
        switch error {
        case let problem as Problem: self = problem
        case let error as AuthenticationError: self.init(error)
        case let refusal as AccessRefusal: self.init(refusal)
        case let refusal as SyncRefusal: self.init(refusal)
        case let refusal as EndpointRefusal: self.init(refusal)
        case let refusal as ConsoleRefusal: self.init(refusal)
        case let error as PostgresError: self.init(error)
        case let error as TableLocked: self = Self.tableLocked(error.models)
        case is CancellationError: self = Self.databaseUnavailable
        case let error as ChangeFeedError where error.code == .notInstalled: self = Self.notInstalled
        case let error as ChangeFeedError where error.code == .standby: self = Self.standby
        case let error as ChangeFeedError where error.code == .schemaVersionMismatch: self = Self.schemaVersionMismatch
        case let error as HTTPError where error.status == .notFound:
            guard let route = Route(path: path) else {
                self.init(.notFound, "There is nothing at this path.", hint: "GET / lists the endpoints.")
                return
            }
            self.init(.methodNotAllowed, "This path accepts only \(route.allowed).")
            allow = route.allowed
        case let error as any HTTPResponseError where (400..<500).contains(error.status.code):
            self.init(.requestInvalid, "The request could not be read.")
        default: self = Self.internalError
        }
    }

    private init(_ error: AuthenticationError) {
        switch error {
        case .apiKeyInvalid:
            self.init(
                .apiKeyInvalid, "The API key is not valid.",
                hint: "It may be wrong, expired or revoked, it may have another scope, or its user may be deactivated.")
        case .sessionInvalid:
            self.init(
                .sessionInvalid, "The session is not valid.",
                hint: "It may have expired or ended, or its user may be deactivated: log in to Odoo again.")
        case .sessionsNotConfigured:
            self.init(
                .sessionsNotConfigured, "Sessions are not accepted here; use an Odoo API key.",
                hint: "The operator can set ODOO_DATA_DIR, SESSION_DB_URI or ODOO_URL.")
        case .tooManyFailures(let delay):
            self.init(
                .tooManyFailures, "Too many wrong API keys came from this address or with this prefix.",
                retryAfter: Int(delay.components.seconds) + 1)
        case .busy:
            self.init(.verificationBusy, "Too many sessions or API keys are being verified at once.", retryAfter: 1)
        case .odooUnreachable:
            self.init(
                .odooUnreachable, "Odoo could not be reached to check this session.", hint: "API keys keep working.",
                retryAfter: 5)
        }
    }

    private init(_ refusal: ConsoleRefusal) {
        switch refusal {
        case .signInNeeded: self.init(.consoleSignInNeeded, "The console requires a sign-in.")
        case .notMember:
            self.init(
                .consoleNotAllowed, "This user may not use the console.",
                hint:
                    "Members of the Odoo groups that CHANGEFEED_CONSOLE_GROUP and CHANGEFEED_CONSOLE_READERS name may.")
        case .readOnly:
            self.init(
                .consoleReadOnly, "This user may look and not act.",
                hint: "Members of the Odoo group that CHANGEFEED_CONSOLE_GROUP names may act, unless the database's "
                    + "administrator has set changefeed.console.may_act to false.")
        case .crossSite: self.init(.crossSiteRequest, "This request does not come from the console's own page.")
        case .notFound: self.init(.notFound, "There is nothing at this path.", hint: "/console is the page.")
        case .parameterInvalid(let name):
            self.init(.parameterInvalid, "Parameter \(name) is missing or has the wrong form.", parameter: name)
        case .bodyInvalid: self.init(.bodyInvalid, "The body must be a JSON object.", hint: "JSON, encoded as UTF-8.")
        case .actFailed(let detail): self.init(.consoleActFailed, detail)
        case .tooManySignIns(let delay):
            self.init(
                .rateLimited, "Too many sign-ins from this address.", retryAfter: Int(delay.components.seconds) + 1)
        }
    }

    private init(_ refusal: AccessRefusal) {
        switch refusal {
        case .modelNotReadable:
            self.init(
                .modelNotReadable, "A model is not tracked, or this user may not read it.", parameter: "models")
        case .fieldUnknown:
            self.init(
                .fieldUnknown, "A field does not exist, or this user may not see it.",
                hint:
                    "Fields that Odoo computes, and binary fields that it keeps as attachments (image_128), are never sent.",
                parameter: "fields")
        case .filterInvalid(let model, let reason):
            self.init(
                .filterInvalid, "The filter\(model.map { " of \($0.rawValue)" } ?? "") is not valid: \(reason).",
                hint: "A filter is an Odoo domain that compares the model's own stored fields that this user may see.",
                parameter: "filter")
        case .companyNotAllowed:
            self.init(
                .companyNotAllowed, "The user has no access to one of these companies.",
                hint: "Without the parameter, all of the user's companies are enabled.",
                parameter: QueryParameters.companies)
        case .ruleFailed:
            self.init(
                .recordRuleFailed, "One of Odoo's record rules failed at run time. Nothing was changed.",
                hint: "Until then, pull other models with the parameter models. The service's log names the model.",
                retryAfter: 30)
        case .tableNotReadable: self = Self.tableNotReadable
        case .rulesNotCompiled:
            self.init(.notReady, "Odoo's record rules are changing.", retryAfter: 1)
        }
    }

    private init(_ refusal: SyncRefusal) {
        switch refusal {
        case .appTypeUnknown(let known):
            self.init(
                .appTypeUnknown, "There is no such app type.", hint: "App types: \(known.joined(separator: ", ")).",
                parameter: "app_type")
        case .modelNotInAppType:
            self.init(
                .parameterInvalid, "The app type does not include all of these models.",
                hint: "GET /api/v2/app-types lists them; app_type=all includes every tracked model.",
                parameter: "models")
        case .cursorMalformed: self.init(.cursorMalformed, "This service did not issue this token.")
        case .cursorMismatch:
            self.init(
                .cursorMismatch, "The token belongs to another device, filter or database.",
                hint: "Leave it out: the device continues after its last acknowledgement.")
        case .userChanged:
            self.init(
                .userChanged, "The token belongs to another user's device, and so does the copy stored with it.",
                hint:
                    "Delete the copy and the token, reset the device with to=all, then pull: this user has a separate device.",
                parameter: "sync_token")
        case .eventsNotHanded:
            self.init(
                .eventsNotHanded,
                "Some of these events were never sent to this device, or are not part of its current pull.",
                hint: "Acknowledge the ids exactly as the last pull returned them.", parameter: "event_ids")
        case .deviceUnknown:
            self.init(
                .deviceUnknown, "This user has no such device.", hint: "A pull creates it.", parameter: "device_id")
        case .tooManyDevices:
            self.init(
                .tooManyDevices, "This user has the maximum number of devices.",
                hint: "Use the same device_id each time. Devices not seen for 30 days are retired to make room.",
                parameter: "device_id")
        case .resync(let resync): self.init(resync)
        }
    }

    private init(_ refusal: EndpointRefusal) {
        switch refusal {
        case .unknown: self.init(.endpointUnknown, "This user manages no endpoint with this name.")
        case .nameTaken:
            self.init(
                .endpointExists, "There is an endpoint with this name.",
                hint: "Choose another: names are unique in the database.", parameter: "name")
        case .notAllowed:
            self.init(
                .endpointNotAllowed, "This user may not create endpoints.",
                hint:
                    "Members of the Odoo group that CHANGEFEED_ENDPOINT_GROUP names may; the operator can let other users with CHANGEFEED_ENDPOINT_USERS."
            )
        case .tooMany:
            self.init(
                .tooManyEndpoints, "There are as many endpoints as there may be, in all or of this user.",
                hint: "Remove one that is not needed.")
        case .userMismatch:
            self.init(
                .userMismatch, "The user_id is not that of the authenticated user.",
                hint: "Leave user_id out: the endpoint then belongs to the user of the session or key.",
                parameter: "user_id")
        case .userUnknown:
            self.init(.parameterInvalid, "Parameter user_id must be the id of an active user.", parameter: "user_id")
        case .notConfigured:
            self.init(
                .endpointsNotConfigured, "The service has no key that encrypts the secrets of endpoints.",
                hint: "The operator can set CHANGEFEED_SECRET_KEY.", retryAfter: 300)
        case .deliveryForbidden:
            self.init(
                .deliveryForbidden, "Nothing may be pushed from this database.",
                hint: "It is a copy, it is neutralized, or the operator forbade it: `changefeed delivery` says which.")
        case .secretUnusable:
            self.init(
                .endpointSecretUnusable, "The endpoint has no secret that this service can use.",
                hint: "POST to /rotate below a webhook makes a new one; an operator replaces a stream's credentials.")
        case .kindForOperators:
            self.init(
                .kindForOperators, "Only operators add streams and topics, and replace the credentials for them.",
                hint: "On the server: `changefeed endpoint add`, `changefeed endpoint rotate --credentials`.")
        }
    }

    private init(_ resync: SyncRefusal.Resync) {
        // Spread, because an event that makes one device resync often affects many.
        let pause = Int.random(in: 1...15)
        let next =
            "Resync these models with /api/v2/sync/snapshot, or start over with /api/v2/sync/reset; drop old tokens."
        switch resync.code {
        case "epoch_changed":
            self.init(.epochChanged, "The database was restored, copied or failed over.", hint: next, retryAfter: pause)
        case "cursor_expired":
            self.init(
                .cursorExpired, "Events that this device has not seen were deleted.", hint: next, retryAfter: pause)
        case "copy_set_back":
            self.init(
                .copySetBack,
                "This device has settled more events than the pull of this token had sent: the app's data were restored from a backup, or two installations share one device_id.",
                hint: next, retryAfter: pause)
        case "model_reset":
            self.init(
                .modelReset, "These models were truncated, or their changes were not captured for a while.", hint: next,
                retryAfter: pause)
        case "scope_changed":
            self.init(
                .scopeChanged,
                "The device follows models whose records it does not have yet, or its user's access to them has changed.",
                hint: next, retryAfter: pause)
        default: self = Self.internalError
        }
        self.resync = (resync.mode, resync.models)
    }

    private init(_ error: PostgresError) {
        switch (error.code, error.sqlState ?? "") {
        case (.timeout, _):
            self.init(
                .queryTimeout, "The database took too long.",
                hint: "Narrow the request: model, since, smaller offset, smaller limit.",
                retryAfter: 5)
        case (.standby, _), (_, "25006"):
            // Connections pin `default_transaction_read_only = off`: what does not write then is a standby.
            self = Self.standby
        case (_, "55P03"): self = Self.tableLocked([])
        case (.poolExhausted, _):
            self = Problem(
                .databaseUnavailable, "No connection to the database became free in time.", retryAfter: 2)
        case (.connectionFailed, _), (.connectionLost, _), (.silent, _), (.closed, _), (.cancelled, _),
            (.stoodAside, _):
            self = Self.databaseUnavailable
        case (_, let state) where state.hasPrefix("53") || state.hasPrefix("57P") || state.hasPrefix("08"):
            // Out of a resource, shutting down or starting up, connection trouble.
            self = Self.databaseUnavailable
        case (_, "42501"): self = Self.tableNotReadable
        case (_, "3F000"), (_, "42883"), (_, "42P01"):
            self = Self.notInstalled
        default: self = Self.internalError
        }
    }

    /// - Parameter models: whose tables are locked, where that is known.
    private static func tableLocked(_ models: [String]) -> Problem {
        var problem = Problem(
            .tableLocked,
            models.isEmpty
                ? "Another session locks a table or a record that this request needs."
                : "Another session, perhaps an upgrade, locks the table of \(models.joined(separator: ", ")).",
            hint: "Nothing was changed. Retry later; until then, pull other models with the parameter models.",
            retryAfter: Int.random(in: 3...8))
        problem.models = models
        return problem
    }

    private static var databaseUnavailable: Problem {
        Problem(.databaseUnavailable, "The database cannot be reached.", retryAfter: 2)
    }

    private static var standby: Problem {
        Problem(
            .standby, "The database is a standby, which may lack changes.",
            hint:
                "The operator has to point DATABASE_URL at the primary (target_session_attrs=read-write), or promote this server.",
            retryAfter: 5)
    }

    private static var tableNotReadable: Problem {
        Problem(
            .tableNotReadable, "The service may not read a table that this request needs. Nothing was changed.",
            hint: "`changefeed verify` names the table: a right is missing, or row level security is on.",
            retryAfter: 30)
    }

    private static var schemaVersionMismatch: Problem {
        Problem(
            .schemaVersionMismatch, "The service and the schema in the database are of different versions.",
            hint:
                "The operator has to install the schema of the newer of the two, or start the binary that matches the schema.",
            retryAfter: 30)
    }

    private static var notInstalled: Problem {
        Problem(
            .notInstalled, "Schema changefeed is not in this database.", hint: "Run `changefeed install`.",
            retryAfter: 30)
    }

    private static var internalError: Problem {
        Problem(.internalError, "The request failed.", hint: "The service's log has details under this request_id.")
    }
}

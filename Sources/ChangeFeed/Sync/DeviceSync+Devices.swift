public import Postgres

/// The devices themselves: state, list, reset, removal; and the caller's profile and app types.
extension DeviceSync {
    /// The device as a JSON object; throws `deviceUnknown` if there is none.
    public func state(
        of device: DeviceName, companies: EnabledCompanies = EnabledCompanies(), for caller: CallerProof
    ) async throws -> Cell? {
        try await row(
            of: Query(
                """
                SELECT p.problem, p.state FROM \(CallerProof.sql) caller
                CROSS JOIN LATERAL changefeed.device_state(caller.user_id, $8::text, $9::int[]) p
                WHERE NOT caller.refused
                """, caller.parameters(allowPortal: allowPortal) + [.text(device.text), companies.parameter],
                name: "sync_state"),
            for: caller, companies)?["state"]
    }

    /// Where a device starts over.
    public enum Start: Sendable, Equatable {
        /// The existing records, then changes.
        case all
        /// Changes from now on.
        case now
        /// The oldest event in the log.
        case earliest
        /// Changes since then, and some minutes more.
        case time(Timestamp)

        /// What a text says that names it: `all`, `now`, `earliest`, or an ISO 8601 date and time.
        public init?(_ text: String) {
            switch text {
            case "all": self = .all
            case "now": self = .now
            case "earliest": self = .earliest
            default:
                guard let time = Timestamp(iso8601: text) else { return nil }
                self = .time(time)
            }
        }

        /// For the two parameters `start` and `since` of a function of the database.
        package var parameters: [Parameter] {
            switch self {
            case .all: ["all", .null]
            case .now: ["now", .null]
            case .earliest: ["earliest", .null]
            case .time(let time): ["time", .text(time.iso8601)]
            }
        }
    }

    /// - Returns: true, or nil like all calls.
    public func reset(_ device: DeviceName, to start: Start, for caller: CallerProof) async throws -> Bool? {
        defer { memory?.changes(device) }
        let rows = try await pool.query(
            Query(
                """
                SELECT p.problem FROM \(CallerProof.sql) caller
                CROSS JOIN LATERAL changefeed.reset_device(caller.user_id, $8::text, $9::text, $10::timestamptz, $11::int) p
                WHERE NOT caller.refused
                """,
                caller.parameters(allowPortal: allowPortal) + [.text(device.text)] + start.parameters + [
                    .int(maximumDevices)
                ],
                name: "sync_reset"))
        guard let row = rows.first else { return nil }
        try await SyncRefusal.check(row, appTypes: appTypeNames)
        return true
    }

    /// A page of the caller's devices.
    public struct DevicePage: Sendable {
        /// How many devices a page may have.
        public static let limits: ClosedRange<Int> = 1...500

        /// A JSON array, ordered by name.
        public let devices: Cell
        /// The name after which the next page begins; nil on the last page.
        public let nextAfter: String?
    }

    /// The devices of the caller, after a name.
    public func devices(after: DeviceName?, limit: Int, for caller: CallerProof) async throws -> DevicePage? {
        let rows = try await pool.query(
            Query(
                """
                SELECT p.devices, p.next_after FROM \(CallerProof.sql) caller
                CROSS JOIN LATERAL changefeed.device_list(caller.user_id, $8::text, $9::int) p
                WHERE NOT caller.refused
                """, caller.parameters(allowPortal: allowPortal) + [.optional(after?.text), .int(limit)],
                name: "sync_devices"))
        return rows.first.map { DevicePage(devices: $0["devices"], nextAfter: $0["next_after"].text) }
    }

    /// Removes a device of the caller.
    /// - Throws: `SyncRefusal.deviceUnknown` if there is none with that name.
    public func forget(_ device: DeviceName, for caller: CallerProof) async throws -> Bool? {
        defer { memory?.changes(device) }
        let rows = try await pool.query(
            Query(
                """
                SELECT changefeed.forget_device(caller.user_id, $8::text) AS found FROM \(CallerProof.sql) caller
                WHERE NOT caller.refused
                """, caller.parameters(allowPortal: allowPortal) + [.text(device.text)], name: "sync_forget"))
        guard let row = rows.first else { return nil }
        guard try row["found"].bool() else { throw SyncRefusal.deviceUnknown }
        return true
    }

    /// The caller, as a JSON object.
    public func profile(of caller: CallerProof) async throws -> Cell? {
        try await pool.query(
            Query(
                """
                SELECT changefeed.odoo_profile(caller.user_id) AS profile FROM \(CallerProof.sql) caller
                WHERE NOT caller.refused
                """, caller.parameters(allowPortal: allowPortal), name: "sync_profile")
        ).first?["profile"]
    }

    /// The app types and their tracked models, as a JSON object.
    public func appTypes(for caller: CallerProof) async throws -> Cell? {
        try await row(
            of: Query(
                """
                SELECT p.problem, p.app_types FROM \(CallerProof.sql) caller
                CROSS JOIN LATERAL changefeed.app_types_of(caller.user_id) p
                WHERE NOT caller.refused
                """, caller.parameters(allowPortal: allowPortal), name: "sync_app_types"),
            for: caller, EnabledCompanies())?["app_types"]
    }
}

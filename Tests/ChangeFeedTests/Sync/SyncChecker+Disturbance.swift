import ChangeFeed
import ChangeFeedTesting
import Foundation
import Postgres

/// What happens beside writers and devices: retention, and what disturbs.
extension SyncChecker {
    func retain() async throws {
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<4:
            note("settle")
            try await administrator.execute(script: "SELECT changefeed.settle()")
        case 4..<8:
            note("rotate")
            try await administrator.execute(script: "SELECT changefeed.rotate()")
        case 8:
            // Only what everybody has settled; or, rarely, what some have not.
            let forced = random.chance(20)
            note("empty the oldest slot\(forced ? " by force" : "")")
            try await emptyOldest(forced: forced)
        default:
            note("vacuum")
            try await administrator.execute(script: "VACUUM changefeed.device")
        }
    }

    private func emptyOldest(forced: Bool) async throws {
        let slot = try await administrator.value(
            """
            SELECT s.slot FROM changefeed.slot s, changefeed.control c
            WHERE s.closed_at IS NOT NULL AND s.quiet_snapshot IS NOT NULL AND s.slot <> c.slot
              AND (\(forced) OR NOT EXISTS (SELECT FROM changefeed.device d WHERE d.epoch = c.epoch
                   AND pg_snapshot_xmin(d.seen) < pg_snapshot_xmax(s.quiet_snapshot)))
            ORDER BY s.closed_at LIMIT 1
            """)
        guard !slot.isEmpty else { return }
        if forced { for device in devices { device.areUndisturbed = false } }
        try await administrator.execute(script: "SELECT changefeed.empty_slot(\(slot)::smallint)")
    }

    func disturb() async throws {
        switch Int.random(in: 0..<11, using: &random) {
        case 0..<2:
            isPaused.toggle()
            note(isPaused ? "pause" : "resume")
            try await administrator.execute(
                script: isPaused ? "SELECT changefeed.pause('checker')" : "SELECT changefeed.resume()")
        case 2:
            uuid += 1
            isCopy = true
            note("another database.uuid: the epoch rises")
            try await administrator.execute(
                script:
                    "UPDATE ir_config_parameter SET value = 'checker \(uuid)' WHERE key = 'database.uuid'; SELECT changefeed.check_identity()"
            )
        case 3..<7:
            let device = devices.randomElement(using: &random) ?? devices[0]
            device.models = Self.models.filter { _ in random.chance(60) }
            if device.models.isEmpty { device.models = Self.models }
            (device.token, device.backup) = (nil, nil)
            note("\(device.name) follows \(device.models)")
        case 7: try await changeLanguage()
        case 8: try await changeCompany()
        default:
            let device = devices.randomElement(using: &random) ?? devices[0]
            let isHanded = random.chance(50)
            note("\(device.name) is reset and has no records; \(isHanded ? "is handed" : "takes") all anew")
            try await service.execute(
                script: "SELECT changefeed.reset_device(2, '\(device.name)', '\(isHanded ? "all" : "now")')")
            device.forget()
            if !isHanded { device.toList = device.models }
        }
    }
}

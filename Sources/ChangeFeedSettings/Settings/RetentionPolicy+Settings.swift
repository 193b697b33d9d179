package import ChangeFeed

extension RetentionPolicy {
    /// The retention settings; wrong values are added to the reading's problems.
    package init(_ reading: inout SettingReading) {
        self.init()
        archiveAfter = reading.number(.archiveAfterDays, 1...3_650) ?? archiveAfter
        forceAfter = reading.number(.archiveForceAfterDays, 1...3_650) ?? forceAfter
        deleteAfter = reading.number(.deleteAfterDays, 1...3_650) ?? deleteAfter
        inactiveAfter = reading.number(.deviceInactiveAfterDays, 1...3_650) ?? inactiveAfter
        if let seconds = reading.value(
            .archiveEvery, { SettingText.number($0, 0...604_800).flatMap { 1...59 ~= $0 ? nil : $0 } })
        {
            every = .seconds(seconds)
        }
        logBudget =
            reading.value(.logBudget) { SettingText.bytes($0).flatMap { $0 == 0 || $0 >= 16 << 20 ? $0 : nil } }
            ?? logBudget
        budgetAction = reading.value(.logBudgetAction) { BudgetAction(rawValue: $0.lowercased()) } ?? budgetAction
        if archiveAfter > forceAfter || forceAfter > deleteAfter {
            reading.object(
                """
                CHANGEFEED_ARCHIVE_AFTER_DAYS, CHANGEFEED_ARCHIVE_FORCE_AFTER_DAYS and CHANGEFEED_DELETE_AFTER_DAYS are \
                \(archiveAfter), \(forceAfter) and \(deleteAfter): each must be at least as large as the one before.
                """)
        }
    }
}

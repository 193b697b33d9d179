@testable import ChangeFeedBench
import ChangeFeed
import Testing

@Suite("A statement for pgbench")
struct PgbenchScriptTests {
    @Test(
        "has a value or NULL in the place of every parameter",
        arguments: [EventPage.sql, UpdateSummary.sql, DeviceSync.pullSQL])
    func parameters(sql: String) {
        let text = PgbenchScript.text(sql, ["$1": "7", "$8": "'x'"])
        #expect(!text.contains(/\$\d/), "\(text)")
        #expect(text.contains("'x'::") && text.contains("NULL::"))
    }
}

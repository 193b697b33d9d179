import ChangeFeedTesting
import Foundation
import Testing

/// `changefeed demo`: what it prints is true.
@Suite("The demo", .timeLimit(.minutes(10)))
struct DemoTests {
    @Test("the printed key opens the API and the console at the printed addresses, and is gone after the end")
    func prints() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.odoo)
        let port = try FreePort.find()
        let admin = try FreePort.find()
        let demo = try BuiltBinary.start(
            ["demo", "--database", database.conninfo(), "--port", "\(port)"],
            environment: ["CHANGEFEED_ADMIN_PORT": "\(admin)", "LOG_LEVEL": "warning"])
        try await eventually("it is ready: \(demo.errors)") {
            try await Curl.get("http://127.0.0.1:\(port)/readyz").status == 200
        }
        let console = "http://127.0.0.1:\(admin)"
        #expect(demo.output.contains("The console, in a browser: \(console)/console\n"), "\(demo.output)")
        #expect(demo.output.contains("Sign in with the same key: admin is in the group base.group_system"))
        let key = try #require(demo.output.firstMatch(of: /API key of user admin: ([0-9a-f]{40})\n/)?.output.1)
        #expect(
            try await Curl.get(
                "http://127.0.0.1:\(port)/api/v1/webhook/events?limit=1", headers: ["Authorization: Bearer \(key)"]
            ).status == 200)
        #expect(try await Curl.get(console + "/console").status == 200)
        #expect(
            try await Curl.post(
                console + "/console/api/sign-in", json: #"{"api_key":"\#(key)"}"#,
                headers: ["X-Changefeed-Console: 1", "Origin: \(console)"]
            ).status == 200)
        demo.terminate()
        #expect(try await demo.waitForExit() == 0, "\(demo.errors)")
        #expect(
            try await database.psql("SELECT count(*) FROM res_users_apikeys WHERE name = 'changefeed demo'") == "0")
    }

    @Test(
        "it says who may sign in to the console where its user may not, and nothing of a console that is off",
        arguments: [
            (["CHANGEFEED_CONSOLE_GROUP": "base.group_none"], true), (["CHANGEFEED_ADMIN_PORT": "0"], false),
        ])
    func elsewhere(environment: [String: String], isShown: Bool) async throws {
        let database = try await PrivateCluster.shared().createDatabase(.odoo)
        let port = try FreePort.find()
        let own = ["CHANGEFEED_ADMIN_PORT": "\(try FreePort.find())", "LOG_LEVEL": "warning"]
        let demo = try BuiltBinary.start(
            ["demo", "--database", database.conninfo(), "--port", "\(port)"],
            environment: own.merging(environment) { $1 })
        try await eventually("it is ready: \(demo.errors)") {
            try await Curl.get("http://127.0.0.1:\(port)/readyz").status == 200
        }
        #expect(demo.output.contains("The console") == isShown, "\(demo.output)")
        #expect(demo.output.contains("Members of the group base.group_none") == isShown, "\(demo.output)")
        demo.terminate()
        #expect(try await demo.waitForExit() == 0, "\(demo.errors)")
    }
}

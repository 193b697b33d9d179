import ChangeFeedTesting
import Foundation
import Testing

/// The receivers of docs/webhooks.md, with the commands that it shows.
@Suite("Webhooks as docs/webhooks.md has them", .timeLimit(.minutes(10)))
struct WebhookExampleTests {
    private static let key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

    /// The page's first block of code in a language.
    private static func block(_ language: String) throws -> String {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("docs/webhooks.md").path
        let page = try String(contentsOfFile: path, encoding: .utf8)
        let parts = page.components(separatedBy: "```\(language)\n")
        return try #require(parts.count > 1 ? parts[1].components(separatedBy: "\n```").first : nil)
    }

    private static func isInstalled(_ program: String) async -> Bool {
        if (try? await BuiltBinary.shell("command -v \(program)")) != nil { return true }
        print("skipped: \(program) is not installed")
        return false
    }

    @Test(
        "a receiver verifies what the service delivers, once, and refuses what is forged",
        arguments: [("python", "python3", "py"), ("js", "node", "mjs")])
    func receives(language: String, program: String, ending: String) async throws {
        guard await Self.isInstalled(program) else { return }
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let conninfo = database.conninfo(user: "changefeed_login")
        let settings = [
            "DATABASE_URL": conninfo, "CHANGEFEED_SECRET_KEY": Self.key, "CHANGEFEED_WEBHOOK_ALLOW": "127.0.0.1",
            "CHANGEFEED_WEBHOOK_SCHEMES": "https,http",
        ]
        let service = try RunningService(conninfo, environment: settings)
        try await service.ready()
        let port = try FreePort.find()
        let url = "http://127.0.0.1:\(port)/odoo"
        let added = try await BuiltBinary.run(
            ["endpoint", "add", "shop", url, "--user", "admin", "--models", "res.partner"], environment: settings)
        let secret = try #require(
            added.output.split(separator: "\n").last.map(String.init), "\(added.output) \(added.errors)")
        #expect(secret.hasPrefix("whsec_"))

        let folder = try await BuiltBinary.shell("mktemp -d /tmp/cf-hook-XXXXXX").split(separator: "\n").joined()
        try Self.block(language).write(toFile: "\(folder)/receiver.\(ending)", atomically: true, encoding: .utf8)
        let pid = try await BuiltBinary.shell(
            "WEBHOOK_SECRET='\(secret)' PORT=\(port) nohup \(program) \(folder)/receiver.\(ending) > \(folder)/out 2>&1 & echo $!"
        ).split(separator: "\n").joined()
        defer { Task { _ = try? await BuiltBinary.shell("kill \(pid); rm -rf \(folder)") } }
        try await eventually("it listens") { try await Curl.get(url).status != 0 }
        // Of somebody who does not know the secret.
        let forged = try await Curl.post(
            url, json: "{}",
            headers: [
                "webhook-id: msg_1", "webhook-timestamp: \(Int(Date().timeIntervalSince1970))",
                "webhook-signature: v1,AAAA",
            ])
        #expect(forged.status == 401)

        let tried = try await BuiltBinary.run(["endpoint", "test", "shop"], environment: settings)
        #expect(tried.status == 0 && tried.output.hasPrefix("accepted in "), "\(tried.output) \(tried.errors)")
        try await database.psql("UPDATE res_partner SET phone = '1' WHERE id = 1", user: "odoo")
        try await eventually("it arrives: \(service.process.errors)") {
            let told = try String(contentsOfFile: folder + "/out", encoding: .utf8)
            return told.split(separator: "\n") == ["changefeed.test", "res.partner.write"]
        }
        try await eventually("it is listed") {
            let list = try await BuiltBinary.run(["endpoint", "list"], environment: settings).output
            let attempts = try await BuiltBinary.run(["endpoint", "attempts", "shop"], environment: settings).output
            return list.contains("shop") && attempts.contains("accepted")
        }
        service.process.terminate()
        #expect(try await service.process.waitForExit() == 0)
    }

    @Test("commands about an endpoint say what is wrong")
    func refusals() async throws {
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let settings = ["DATABASE_URL": database.conninfo(user: "changefeed_login"), "CHANGEFEED_SECRET_KEY": Self.key]
        func run(_ arguments: String...) async throws -> BuiltBinary.Result {
            try await BuiltBinary.run(["endpoint"] + arguments, environment: settings)
        }
        let missing = try await run("pause", "nothing")
        #expect(missing.status == 1 && missing.errors.contains("There is no endpoint with this name."), "\(missing)")
        let plain = try await run("add", "shop", "http://shop.example.com/", "--user", "admin")
        #expect(plain.status == 64 && plain.errors.contains("The URL cannot be used"), "\(plain)")
        #expect(plain.errors.contains("See CHANGEFEED_WEBHOOK_SCHEMES"), "\(plain)")
        let nobody = try await run("add", "shop", "https://shop.example.com/", "--user", "nobody@example.com")
        #expect(nobody.status == 1 && nobody.errors.contains("no active user"), "\(nobody)")
        let name = try await run("add", "The Shop", "https://shop.example.com/", "--user", "admin")
        #expect(name.status == 64, "\(name)")
        let withoutKey = try await BuiltBinary.run(
            ["endpoint", "add", "shop", "https://shop.example.com/", "--user", "admin"],
            environment: ["DATABASE_URL": database.conninfo(user: "changefeed_login")])
        #expect(withoutKey.status == 78 && withoutKey.errors.contains("CHANGEFEED_SECRET_KEY"), "\(withoutKey)")
        #expect(try await run("list").output.contains("There are no endpoints."))
        #expect(try await run("add", "shop", "https://shop.example.com/", "--user", "admin").status == 0)
        let again = try await run("add", "shop", "https://shop.example.com/", "--user", "admin")
        #expect(again.status == 1 && again.errors.contains("There is an endpoint with this name."), "\(again)")
        let refused = try await BuiltBinary.run(
            ["endpoint", "test", "shop"],
            environment: settings.merging(["CHANGEFEED_SECRET_KEY": String(repeating: "0", count: 64)]) { $1 })
        #expect(refused.status == 1 && refused.errors.contains("secret cannot be read"), "\(refused)")
        #expect(try await run("remove", "shop").output.contains("Removed."))
    }

    /// The libraries that receivers use, from PyPI; this machine may not have them.
    @Test(
        "the reference libraries accept every message and refuse every forged one",
        arguments: ["standardwebhooks", "svix"])
    func libraries(library: String) async throws {
        guard (try? await BuiltBinary.shell("python3 -c 'import \(library).webhooks'")) != nil else {
            print("skipped: \(library) is not installed (pip install \(library))")
            return
        }
        let receiver = try await WebhookReceiver()
        let database = try await PrivateCluster.shared().createDatabase(.installed)
        let conninfo = database.conninfo(user: "changefeed_login")
        let settings = [
            "DATABASE_URL": conninfo, "CHANGEFEED_SECRET_KEY": Self.key, "CHANGEFEED_WEBHOOK_ALLOW": "127.0.0.1",
            "CHANGEFEED_WEBHOOK_SCHEMES": "http",
        ]
        let added = try await BuiltBinary.run(
            ["endpoint", "add", "shop", receiver.url, "--user", "admin"], environment: settings)
        let secret = try #require(added.output.split(separator: "\n").last.map(String.init), "\(added.errors)")
        #expect(try await BuiltBinary.run(["endpoint", "test", "shop"], environment: settings).status == 0)
        let message = try #require(receiver.messages.first)
        let headers = ["webhook-id", "webhook-timestamp", "webhook-signature"].map {
            "'\($0)': '\(message.headers[$0] ?? "")'"
        }
        .joined(separator: ", ")
        let check = """
            from \(library).webhooks import Webhook, WebhookVerificationError
            body = b'\(message.body)'
            headers = {\(headers)}
            Webhook('\(secret)').verify(body, headers)
            for forged in [(body + b' ', headers), (body, {**headers, 'webhook-id': 'msg_0'})]:
                try:
                    Webhook('\(secret)').verify(*forged)
                    raise SystemExit('a forged message was accepted')
                except WebhookVerificationError:
                    pass
            print('VERIFIED')
            """
        let folder = try await BuiltBinary.shell("mktemp -d /tmp/cf-hook-XXXXXX").split(separator: "\n").joined()
        try check.write(toFile: folder + "/check.py", atomically: true, encoding: .utf8)
        #expect(try await BuiltBinary.shell("python3 \(folder)/check.py; rm -rf \(folder)").contains("VERIFIED"))
        await receiver.stop()
    }
}

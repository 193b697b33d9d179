@testable import ChangeFeedCommand
@testable import ChangeFeedSettings
import ChangeFeedTesting
import Foundation
import Postgres
import Testing

/// What `docs/operating.md`, the unit and the scripts say, done.
@Suite("docs/operating.md", .timeLimit(.minutes(10)))
struct OperatingTests {
    private static let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()
        .deletingLastPathComponent().path

    private static func page() throws -> String {
        try String(contentsOfFile: checkout + "/docs/operating.md", encoding: .utf8)
    }

    /// The lines of the fenced blocks that come right after the mark.
    private static func block(after mark: String) throws -> String {
        let rest = try #require(try page().components(separatedBy: mark).dropFirst().first, "\(mark)")
        return try #require(rest.components(separatedBy: "\n```").first)
    }

    private static func tested(_ name: String) throws -> String {
        try block(after: "<!-- tested: \(name) -->\n```sh\n")
    }

    /// - Returns: the program's path, or nil after saying what is skipped.
    private static func program(_ name: String, package: String) -> String? {
        let path = ["/usr/bin/", "/usr/sbin/", "/usr/local/bin/"].map { $0 + name }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
        if path == nil { print("\(name) is not installed (package \(package)): its check is skipped") }
        return path
    }

    @Test("its commands install, answer, upgrade and uninstall exactly as printed")
    func commands() async throws {
        let cluster = try await PrivateCluster.make()
        let database = try await cluster.createDatabase(.odoo)
        let before = try await database.dump("-s")
        let parts = Dictionary(
            database.conninfo().split(separator: " ").map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
                .filter { $0.count == 2 }.map { ($0[0], $0[1].trimmingCharacters(in: ["'"])) }, uniquingKeysWith: { $1 }
        )
        let port = try FreePort.find()
        let admin = try FreePort.find()
        let program = try BuiltBinary.path()
        func run(_ block: String) async throws -> String {
            let lines = block.replacingOccurrences(of: ":8000", with: ":\(port)").replacingOccurrences(
                of: ":8001", with: ":\(admin)")
            return try await BuiltBinary.shell(
                """
                set -eu; unset CHANGEFEED_TEST_SERVER CHANGEFEED_TEST_ODOO; cd '\(Self.checkout)'; changefeed() { '\(program)' "$@"; }
                export PGHOST='\(parts["host"] ?? "")' PGPORT='\(parts["port"] ?? "5432")' PGUSER='\(parts["user"] ?? "postgres")'
                export ODOO_DATABASE='\(parts["dbname"] ?? "")' DATABASE_URL='\(database.conninfo(user: "changefeed"))'
                export CHANGEFEED_PORT=\(port) CHANGEFEED_ADMIN_PORT=\(admin)
                \(lines)
                """)
        }
        _ = try await run(Self.tested("database"))
        let service = try BuiltBinary.start(
            ["serve"],
            environment: [
                "DATABASE_URL": database.conninfo(user: "changefeed"), "CHANGEFEED_PORT": "\(port)",
                "CHANGEFEED_ADMIN_PORT": "\(admin)",
            ])
        try await eventually("ready: \(service.errors)") {
            try await Curl.get("http://127.0.0.1:\(admin)/ready").status == 200
        }
        #expect(try await run(Self.tested("service")).contains("changefeed_build_info"))
        _ = try await run(Self.tested("retention"))
        _ = try await run(Self.tested("delivery"))
        _ = try await run(Self.tested("upgrade"))
        service.terminate()
        #expect(try await service.waitForExit() == 0)
        _ = try await run(Self.tested("uninstall"))
        #expect(try await database.dump("-s") == before)
        await cluster.remove()
    }

    @Test("the service's files are installed, kept at an upgrade, and systemd accepts the unit")
    func unit() async throws {
        let root = NSTemporaryDirectory() + "changefeed-root-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: root) }
        let program = try BuiltBinary.path()
        let install = "'\(Self.checkout)/scripts/install-service.sh' '\(program)' '\(root)'"
        _ = try await BuiltBinary.shell(install)
        let settings = root + "/etc/changefeed.env"
        #expect(try FileManager.default.attributesOfItem(atPath: settings)[.posixPermissions] as? Int == 0o600)
        try "LOG_LEVEL=debug\n".write(toFile: settings, atomically: false, encoding: .utf8)
        _ = try await BuiltBinary.shell(install)
        #expect(try String(contentsOfFile: settings, encoding: .utf8) == "LOG_LEVEL=debug\n")
        #expect(try await BuiltBinary.shell("'\(root)/usr/local/bin/changefeed' --version") == "\(Version.full)\n")
        guard let analyze = Self.program("systemd-analyze", package: "systemd") else { return }
        let installed = root + "/etc/systemd/system/changefeed.service"
        // The binary is not in /usr/local/bin of this machine.
        let complaints = try await BuiltBinary.shell(
            """
            mkdir '\(root)/unit'
            sed 's|^ExecStart=|ExecStart=\(root)|' '\(installed)' | grep -v ^Documentation > '\(root)/unit/changefeed.service'
            \(analyze) verify '\(root)/unit/changefeed.service' 2>&1; echo status $?
            """)
        #expect(complaints == "status 0\n")
    }

    @Test("the settings file of the unit names settings that exist")
    func settings() throws {
        let file = try String(contentsOfFile: Self.checkout + "/scripts/systemd/changefeed.env", encoding: .utf8)
        let names = file.split(separator: "\n").map { $0.drop { $0 == "#" } }.filter { !$0.hasPrefix(" ") }
            .compactMap { $0.split(separator: "=").first.map(String.init) }
        #expect(names.count >= 5)
        #expect(Set(names).isSubset(of: Setting.all.map(\.variable)))
    }

    @Test("nginx accepts the snippet")
    func nginx() async throws {
        guard let nginx = Self.program("nginx", package: "nginx") else { return }
        let file = NSTemporaryDirectory() + "changefeed-nginx-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: file) }
        let snippet = try Self.block(after: "```nginx\n")
        try """
        error_log stderr; pid \(file).pid;
        events {}
        http { access_log off; server { listen 127.0.0.1:\(try FreePort.find());
        \(snippet)
        } }
        """.write(toFile: file, atomically: false, encoding: .utf8)
        let complaints = try await BuiltBinary.shell(
            "\(nginx) -t -q -c '\(file)' 2>&1; echo status $?; rm -f '\(file).pid'")
        #expect(complaints == "status 0\n")
    }

    @Test("Compose accepts compose.yaml, and the Dockerfile builds by the script that the demo builds by")
    func containers() async throws {
        let dockerfile = try String(contentsOfFile: Self.checkout + "/Dockerfile", encoding: .utf8)
        let demo = try String(contentsOfFile: Self.checkout + "/scripts/demo.sh", encoding: .utf8)
        #expect(dockerfile.contains("$(scripts/build.sh --static)") && demo.contains("$(scripts/build.sh)"))
        #expect(dockerfile.contains(#"CMD ["changefeed", "ready"]"#))
        let compose = try await BuiltBinary.shell(
            """
            if docker compose version >/dev/null 2>&1; then docker compose -f '\(Self.checkout)/compose.yaml' config -q 2>&1; echo status $?
            elif command -v docker-compose >/dev/null; then docker-compose -f '\(Self.checkout)/compose.yaml' config -q 2>&1; echo status $?
            else echo none; fi
            """)
        if compose == "none\n" { return print("Compose is not installed: its check of compose.yaml is skipped") }
        #expect(compose == "status 0\n")
    }

    @Test("the image is built from files that the repository has, and from all that the sources embed")
    func image() throws {
        let lines = try String(contentsOfFile: Self.checkout + "/Dockerfile", encoding: .utf8).split(separator: "\n")
        let copied = lines.filter { $0.hasPrefix("COPY ") && !$0.contains("--from") }
            .flatMap { $0.split(separator: " ").dropFirst().dropLast() }.map(String.init)
        for path in copied {
            #expect(
                path != "Package.resolved" && FileManager.default.fileExists(atPath: Self.checkout + "/" + path),
                "\(path)")
        }
        for source in ["CChangeFeedSQL/embedded.c", "COpenAPIDocument/openapi.c"] {
            let text = try String(contentsOfFile: Self.checkout + "/Sources/" + source, encoding: .utf8)
            for embedded in text.split(separator: "\n") where embedded.hasPrefix("#embed") {
                let folder = try #require(embedded.split(separator: "/").dropFirst(2).first)
                #expect(copied.contains(String(folder)), "\(embedded)")
            }
        }
    }
}

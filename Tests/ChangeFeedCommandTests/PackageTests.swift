import ArgumentParser
@testable import ChangeFeedCommand
@testable import ChangeFeedSettings
import ChangeFeedTesting
import Foundation
import Testing

/// scripts/package.sh with the debug binary; `scripts/package-test.sh` installs the package of a release build.
@Suite("The Debian package", .timeLimit(.minutes(15)))
struct PackageTests {
    private static let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    private static func text(_ path: String) throws -> String {
        try String(contentsOfFile: checkout + "/" + path, encoding: .utf8)
    }

    private static var commands: [String] {
        Changefeed.configuration.subcommands.filter { $0.configuration.shouldDisplay }.map { $0._commandName }
    }

    /// A folder that goes with the test.
    private static func folder() async throws -> String {
        try await BuiltBinary.shell("mktemp -d /tmp/cf-package-XXXXXX").split(separator: "\n").joined()
    }

    @Test("every file of the checkout that the scripts name exists", arguments: ["package.sh", "package-test.sh"])
    func files(script: String) throws {
        let names = try Self.text("scripts/" + script)
            .matches(of: #/(?:scripts|docs|sql|Sources|Tests)/[A-Za-z0-9_@./-]*[a-zA-Z]/#).map { String($0.output) }
        #expect(names.count > 3)
        for name in Set(names) {
            #expect(FileManager.default.fileExists(atPath: Self.checkout + "/" + name), "\(script): \(name)")
        }
    }

    @Test("the settings file of an instance names settings that exist, and ports of its own")
    func instanceSettings() throws {
        let lines = try Self.text("scripts/systemd/changefeed@.env").split(separator: "\n")
            .map { $0.drop { $0 == "#" } }.filter { !$0.hasPrefix(" ") }
        let settings = Dictionary(
            uniqueKeysWithValues: lines.map { line in
                let parts = line.split(separator: "=", maxSplits: 1)
                return (String(parts[0]), String(parts[1]))
            })
        #expect(Set(settings.keys).isSubset(of: Setting.all.map(\.variable)))
        for port in ["CHANGEFEED_PORT", "CHANGEFEED_ADMIN_PORT"] {
            let usual = Setting.all.first { $0.variable == port }?.defaultValue
            #expect(settings[port] != nil && settings[port] != usual, "\(port)")
        }
    }

    @Test("each command has a man page with its options, and the formatter has no complaint")
    func manual() async throws {
        guard (try? await BuiltBinary.shell("command -v python3")) != nil else {
            return print("skipped: python3 is not installed")
        }
        let folder = try await Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let program = try BuiltBinary.path()
        _ = try await BuiltBinary.shell(
            """
            '\(program)' --experimental-dump-help |
                python3 '\(Self.checkout)/scripts/package/manual.py' '\(folder)' 1.2.3 1700000000
            """)
        let pages = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        #expect(pages == (Self.commands.map { "changefeed-\($0).1" } + ["changefeed.1"]).sorted())
        let serve = try String(contentsOfFile: folder + "/changefeed-serve.1", encoding: .utf8)
        #expect(serve.contains(#".TH "CHANGEFEED\-SERVE" 1 "2023-11-14" "odoo\-changefeed 1.2.3""#), "\(serve)")
        #expect(serve.contains(#"\fB\-\-port\fR \fIport\fR"#) && serve.contains(".SH OPTIONS"), "\(serve)")
        let main = try String(contentsOfFile: folder + "/changefeed.1", encoding: .utf8)
        for command in Self.commands { #expect(main.contains("\\fBchangefeed\\-\(command)\\fR(1)"), "\(command)") }
        guard (try? await BuiltBinary.shell("command -v groff")) != nil else {
            return print("groff is not installed: its check of the man pages is skipped")
        }
        let complaints = try await BuiltBinary.shell("groff -man -ww -Tutf8 -Kutf8 -z '\(folder)'/*.1 2>&1")
        #expect(complaints == "")
    }

    @Test("a binary that needs Swift's shared libraries is no package, and unknown options are refused")
    func refusals() async throws {
        guard try await Self.mayBuild() else { return }
        let program = try BuiltBinary.path()
        let script = "'\(Self.checkout)/scripts/package.sh'"
        let answer = try await BuiltBinary.shell(
            """
            \(script) --binary '\(program)' 2>&1; echo status $?
            \(script) --nonsense 2>&1; echo status $?
            """)
        #expect(answer.contains("scripts/build.sh --static\nstatus 65\n"), "\(answer)")
        #expect(answer.hasSuffix("status 64\n") && answer.contains("scripts/package.sh [--binary PATH]"), "\(answer)")
    }

    @Test("it holds program, units, man pages, completions, SQL scripts, settings and the bill of materials")
    func contents() async throws {
        guard try await Self.mayBuild() else { return }
        let folder = try await Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let package = try await BuiltBinary.shell(
            "'\(Self.checkout)/scripts/package.sh' --binary '\(try BuiltBinary.path())' --trial --output '\(folder)'"
        ).split(separator: "\n").joined()
        #expect(package.hasPrefix("\(folder)/changefeed_\(Version.text)-1_"), "\(package)")
        _ = try await BuiltBinary.shell("dpkg-deb -R '\(package)' '\(folder)/root'")
        let root = folder + "/root"
        let files = Set(try FileManager.default.subpathsOfDirectory(atPath: root))
        let wanted =
            [
                "usr/bin/changefeed", "lib/systemd/system/changefeed.service", "lib/systemd/system/changefeed@.service",
                "etc/changefeed.env", "usr/share/bash-completion/completions/changefeed",
                "usr/share/zsh/vendor-completions/_changefeed", "usr/share/fish/vendor_completions.d/changefeed.fish",
                "usr/share/changefeed/sql/install.sql", "usr/share/changefeed/sql/uninstall.sql",
                "usr/share/doc/changefeed/copyright", "usr/share/doc/changefeed/changelog.Debian.gz",
                "usr/share/doc/changefeed/operating.md", "usr/share/doc/changefeed/monitoring/alerts.yml",
            ] + (Self.commands.map { "changefeed-\($0)" } + ["changefeed"]).map { "usr/share/man/man1/\($0).1.gz" }
        for file in wanted { #expect(files.contains(file), "\(file)") }
        let included = try String(contentsOfFile: root + "/usr/share/changefeed/sql/install.sql", encoding: .utf8)
            .split(separator: "\n").filter { $0.hasPrefix("\\ir ") }.map { String($0.dropFirst(4)) }
        #expect(included.count > 50)
        for file in included { #expect(files.contains("usr/share/changefeed/sql/" + file), "\(file)") }
        let control = try String(contentsOfFile: root + "/DEBIAN/control", encoding: .utf8)
        #expect(control.contains("libpq5") && control.contains("adduser"), "\(control)")
        #expect(try String(contentsOfFile: root + "/DEBIAN/conffiles", encoding: .utf8) == "/etc/changefeed.env\n")
        try Self.checkBill(root + "/usr/share/doc/changefeed/changefeed.cdx.json")
        try await Self.checkUnits(root)
    }

    private static func checkBill(_ path: String) throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        let bill = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(bill["bomFormat"] as? String == "CycloneDX" && bill["specVersion"] as? String == "1.5")
        let components = try #require(bill["components"] as? [[String: Any]])
        let names = Set(components.compactMap { $0["name"] as? String })
        #expect(names.isSuperset(of: ["swift-nio", "hummingbird", "libpq5", "libc6"]), "\(names)")
        #expect(components.allSatisfy { ($0["purl"] as? String)?.hasPrefix("pkg:") == true })
    }

    private static func checkUnits(_ root: String) async throws {
        let folder = root + "/lib/systemd/system"
        let one = try String(contentsOfFile: folder + "/changefeed.service", encoding: .utf8)
        let many = try String(contentsOfFile: folder + "/changefeed@.service", encoding: .utf8)
        #expect(one.contains("\nExecStart=/usr/bin/changefeed serve\n"), "\(one)")
        #expect(one.contains("\nEnvironmentFile=-/etc/changefeed.env\n"), "\(one)")
        #expect(many.contains("\nEnvironmentFile=/etc/changefeed/%i.env\n"), "\(many)")
        #expect(!one.contains("/usr/local") && !many.contains("/usr/local"))
        // The sandbox is the same.
        let sandbox = { (unit: String) in
            unit.components(separatedBy: "DynamicUser=").dropFirst().first ?? ""
        }
        #expect(sandbox(one).contains("ProtectSystem=strict") && sandbox(one) == sandbox(many))
        guard (try? await BuiltBinary.shell("command -v systemd-analyze")) != nil else {
            return print("systemd-analyze is not installed (package systemd): its check is skipped")
        }
        let complaints = try await BuiltBinary.shell(
            """
            mkdir '\(root)/units'
            for unit in changefeed.service changefeed@.service; do
                sed 's|^ExecStart=|ExecStart=\(root)|' '\(folder)/'$unit | grep -v ^Documentation > '\(root)/units/'$unit
            done
            systemd-analyze verify '\(root)/units/changefeed.service' '\(root)/units/changefeed@odoo.service' 2>&1; echo status $?
            """)
        #expect(complaints == "status 0\n")
    }

    /// Whether this machine and checkout have what scripts/package.sh needs; otherwise says what is skipped.
    private static func mayBuild() async throws -> Bool {
        let missing = try await BuiltBinary.shell(
            """
            for program in dpkg-deb dpkg-shlibdeps dpkg-architecture strip readelf python3 git; do
                command -v $program >/dev/null || echo $program
            done
            cd '\(checkout)' && [ -f Package.resolved ] || echo Package.resolved
            git -C '\(checkout)' rev-parse HEAD >/dev/null 2>&1 || echo a git checkout
            """)
        if missing == "" { return true }
        print("skipped: scripts/package.sh needs \(missing.split(separator: "\n").joined(separator: ", "))")
        return false
    }
}

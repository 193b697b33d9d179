import ArgumentParser
import ChangeFeed
import ChangeFeedSettings

/// `changefeed ready`: one request to a running service, for a container's health check.
struct Ready: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ask a running service whether it is ready; exit code 0 or 1.",
        discussion: """
            Asks /ready of the admin listener, or /readyz of the public one where CHANGEFEED_ADMIN_PORT is 0. \
            Settings are read as `serve` reads them.
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: "Ask this instead: http://HOST:PORT/PATH.")
    var url: String?

    @Option(help: "Seconds to wait for the answer.")
    var timeout = 3

    func validate() throws {
        guard (1...60).contains(timeout) else { throw ValidationError("--timeout takes 1 to 60 seconds.") }
        if let url, PlainHTTP.Address(url) == nil { throw ValidationError("--url takes http://HOST:PORT/PATH.") }
    }

    func run() async throws {
        let address: PlainHTTP.Address
        if let given = url.flatMap({ PlainHTTP.Address($0) }) {
            address = given
        } else {
            let settings = try common.settings()
            address =
                settings.adminPort == 0
                ? .init(host: Self.reachable(settings.host), port: settings.port, path: "/readyz")
                : .init(host: Self.reachable(settings.adminHost), port: settings.adminPort, path: "/ready")
        }
        guard let status = await PlainHTTP.status(of: address, timeout: .seconds(timeout)) else {
            Terminal.error("changefeed: no answer from \(address.host):\(address.port)")
            throw ExitCode(ExitStatus.failed.rawValue)
        }
        guard status == 200 else {
            Terminal.error("changefeed: not ready (status \(status))")
            throw ExitCode(ExitStatus.failed.rawValue)
        }
    }

    /// A service that listens on every address is reached on loopback.
    static func reachable(_ host: String) -> String {
        switch host {
        case "0.0.0.0", "": "127.0.0.1"
        case "::": "::1"
        default: host
        }
    }
}

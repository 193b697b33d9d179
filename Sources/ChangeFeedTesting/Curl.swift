internal import Glibc

/// HTTP with curl: an independent client.
public enum Curl {
    /// - Returns: status (0 when there was no answer) and body.
    /// - Parameter patience: seconds after which it hangs up.
    public static func get(_ url: String, headers: [String] = [], patience: Int = 70) async throws -> (
        status: Int, body: String
    ) {
        try await send(url, headers.flatMap { ["-H", $0] }, patience: patience)
    }

    /// Many requests of one client, one after another over one connection.
    /// - Returns: the status of each.
    public static func statuses(of urls: [String], headers: [String]) async throws -> [Int] {
        let text = try await Command.run(
            "/bin/sh",
            ["-c", #"curl -s --max-time 70 -w '%{http_code}\n' "$@" || true"#, "curl"] + headers.flatMap { ["-H", $0] }
                + urls.flatMap { ["-o", "/dev/null", $0] })
        return text.split(separator: "\n").compactMap { Int($0) }
    }

    /// A POST with a JSON body.
    public static func post(_ url: String, json: String, headers: [String] = []) async throws -> (
        status: Int, body: String
    ) {
        try await send(
            url, ["-X", "POST", "-d", json, "-H", "Content-Type: application/json"] + headers.flatMap { ["-H", $0] })
    }

    private static func send(_ url: String, _ options: [String], patience: Int = 70) async throws -> (
        status: Int, body: String
    ) {
        let text = try await Command.run(
            "/bin/sh",
            ["-c", #"curl -s --max-time \#(patience) -w '\n%{http_code}' "$@" || true"#, "curl"] + options + [url])
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return (Int(lines.last ?? "") ?? 0, lines.dropLast().joined(separator: "\n"))
    }
}

/// A TCP port of this machine on which no process listens at present.
public enum FreePort {
    public static func find() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { plain in
                bind(descriptor, plain, length) == 0 && getsockname(descriptor, plain, &length) == 0
            }
        }
        guard bound else { throw PrivateCluster.Failure(description: "no free port") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}

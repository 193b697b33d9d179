internal import CConsoleAssets
internal import Crypto
internal import HTTPTypes
internal import NIOCore

/// The files of `Web/`, embedded in the binary byte for byte.
struct ConsoleAssets: Sendable {
    struct Asset: Sendable {
        let bytes: ByteBuffer
        let type: String
        let tag: String
    }

    /// By path below `/console/`; the page itself is the empty one.
    let all: [String: Asset]

    /// What all files together may have.
    static let budget = 250 * 1_024

    init() {
        var assets: [String: Asset] = [:]
        var count = 0
        let entries = console_assets(&count)
        for entry in UnsafeBufferPointer(start: entries, count: count) {
            let bytes = UnsafeRawBufferPointer(start: entry.bytes, count: entry.length)
            let path = String(cString: entry.path)
            let digest = SHA256.hash(data: Array(bytes)).prefix(12).map { byte in
                let digits = String(byte, radix: 16)
                return digits.count == 1 ? "0" + digits : digits
            }
            assets[path == "index.html" ? "" : "assets/" + path] = Asset(
                bytes: ByteBuffer(bytes: bytes), type: Self.type(of: path), tag: "\"\(digest.joined())\"")
        }
        all = assets
    }

    /// Nil when it is no asset's path.
    func answer(_ request: ConsoleRequest) -> ConsoleAnswer? {
        guard request.method == .get || request.method == .head else { return nil }
        let path = request.path.drop { $0 == "/" }.dropFirst("console".count).drop { $0 == "/" }
        guard let asset = all[String(path)] else { return nil }
        // Checked each time, since a new binary has other ones.
        let headers: HTTPFields = [.eTag: asset.tag, .cacheControl: "no-cache"]
        let known = request.headers[.ifNoneMatch]?.split(separator: ",").map { $0.filter { $0 != " " } } ?? []
        if known.contains(asset.tag) || known.contains("W/" + asset.tag) {
            return ConsoleAnswer(.notModified, headers: headers)
        }
        var answer = ConsoleAnswer(headers: headers, body: asset.bytes)
        answer.headers[.contentType] = asset.type
        return answer
    }

    private static func type(of path: String) -> String {
        switch path.split(separator: ".").last {
        case "html": "text/html; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "js": "text/javascript; charset=utf-8"
        case "json": "application/json"
        case "svg": "image/svg+xml"
        default: "application/octet-stream"
        }
    }
}

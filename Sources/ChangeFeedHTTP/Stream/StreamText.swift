internal import ChangeFeed

/// What streams say: Server-Sent Events, each one chunk of the answer's body (RFC 9112 7.1).
enum StreamText {
    static let ping = chunk("event: ping\ndata: {}\n\n")

    /// The end of the answer: the last chunk, and no trailer.
    static let end = Array("0\r\n\r\n".utf8)

    static func change(_ change: ChangeHints.Change) -> [UInt8] {
        let newest = change.values.map(\.newestID).max() ?? 0
        return said(change.sorted { $0.key < $1.key }.map { ($0.key, .int($0.value.count)) }, newestID: newest)
    }

    /// That something waits, whatever it is.
    static func waiting(newestID: Int64) -> [UInt8] { said([], newestID: newestID) }

    private static func said(_ models: [(String, JSONText)], newestID: Int64) -> [UInt8] {
        let json = JSONText.object([("models", .object(models)), ("newest_id", .int(Int(newestID)))])
        return chunk("event: change\nid: \(newestID)\ndata: \(json.text)\n\n")
    }

    private static func chunk(_ text: String) -> [UInt8] {
        Array("\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n".utf8)
    }
}

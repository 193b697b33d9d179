internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import Postgres

extension Response {
    /// 200 with JSON built by PostgreSQL.
    init(json: Cell) {
        self.init(
            status: .ok, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: json.withBytes { ByteBuffer(bytes: $0) }))
    }

    /// 200 with JSON built by this service.
    init(json: JSONText) {
        self.init(
            status: .ok, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: json.text)))
    }

    /// 200 with a JSON object, one member of which is JSON built by PostgreSQL.
    init(before: [(String, JSONText)], member: String, json: Cell, after: [(String, JSONText)]) {
        var buffer = ByteBuffer()
        let head = JSONText.object(before).text.dropLast()
        let tail = JSONText.object(after).text.dropFirst()
        json.withBytes { bytes in
            buffer.reserveCapacity(head.utf8.count + bytes.count + tail.utf8.count + member.utf8.count + 8)
            buffer.writeString(head + (before.isEmpty ? "" : ",") + "\"" + member + "\":")
            buffer.writeBytes(bytes)
        }
        buffer.writeString((after.isEmpty ? "" : ",") + tail)
        self.init(status: .ok, headers: [.contentType: "application/json"], body: ResponseBody(byteBuffer: buffer))
    }
}

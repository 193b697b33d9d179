internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import Postgres

extension Response {
    /// 200 with JSON that PostgreSQL wrote.
    init(json: Cell) {
        self.init(
            status: .ok, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: json.withBytes { ByteBuffer(bytes: $0) }))
    }

    /// 200 with JSON that this service wrote.
    init(json: JSONText) {
        self.init(
            status: .ok, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: json.text)))
    }
}

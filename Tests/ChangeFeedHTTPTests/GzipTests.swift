@testable import ChangeFeedHTTP
import ChangeFeedTesting
import Foundation
import HTTPTypes
import Testing

@Suite("Answers in gzip", .timeLimit(.minutes(10)))
struct GzipTests {
    private static let device = "?device_id=phone"
    /// Answers of more than 1,024 bytes.
    private static let large = [
        SyncTests.snapshot + device + "&model=res.partner", "/api/v1/webhook/events?model=res.partner", "/openapi.json",
        "/api/v2/sync/pull?device_id=tablet&models=res.partner",
    ]

    private static func service(_ configure: (inout HTTPConfiguration) -> Void = { _ in }) async throws -> Service {
        let (_, service) = try await SyncTests.installed(
            "INSERT INTO res_partner (id, name) SELECT 100 + n, 'Partner ' || n FROM generate_series(1, 60) n",
            configure: configure)
        return service
    }

    @Test(
        "of pulls, lists and version 1 are compressed for clients that accept it, with Content-Encoding and Vary",
        arguments: large)
    func compressed(path: String) async throws {
        let service = try await Self.service()
        let plain = try await service.send(path, key: TestKeys.admin)
        let packed = try await service.send(path, key: TestKeys.admin, headers: [.acceptEncoding: "gzip, deflate, br"])
        #expect(plain.status == 200 && plain.headers[.contentEncoding] == nil)
        #expect(packed.status == 200 && packed.headers[.contentEncoding] == "gzip")
        for answer in [plain, packed] { #expect(answer.headers[values: .vary].contains("Accept-Encoding")) }
        let lengths = [plain, packed].map { Int($0.headers[.contentLength] ?? "") ?? 0 }
        #expect(lengths[1] > 20 && lengths[1] * 3 < lengths[0], "\(lengths)")
        #expect(packed.headers[.contentType] == "application/json")
    }

    @Test("HEAD tells what GET would", arguments: [large[0], large[1], large[2]])
    func head(path: String) async throws {
        let service = try await Self.service()
        for coding in ["gzip", "identity"] {
            let get = try await service.send(path, key: TestKeys.admin, headers: [.acceptEncoding: coding])
            let head = try await service.send(
                path, key: TestKeys.admin, headers: [.acceptEncoding: coding], method: .head)
            #expect(head.text.isEmpty && head.status == 200)
            for name in [HTTPField.Name.contentEncoding, .vary, .contentType] {
                #expect(head.headers[name] == get.headers[name], "\(coding) \(name)")
            }
            // Lists have an id of their own each time, which may take a byte more or less.
            let lengths = [get, head].map { Int($0.headers[.contentLength] ?? "") ?? 0 }
            #expect(abs(lengths[0] - lengths[1]) <= (path.contains("snapshot") ? 16 : 0), "\(coding): \(lengths)")
        }
    }

    @Test("small answers, errors and streams stay as they are")
    func plain() async throws {
        let service = try await Self.service()
        let state = SyncTests.state + Self.device
        _ = try await service.send(SyncTests.pull + Self.device, key: TestKeys.admin)
        for path in [state, "/healthz", "/api/v1/webhook/events?limit=0"] {
            let answer = try await service.send(path, key: TestKeys.admin, headers: [.acceptEncoding: "gzip"])
            #expect(answer.headers[.contentEncoding] == nil && answer.object.isEmpty == false, "\(path)")
        }
        let stream = try await service.send(
            "/api/v2/sync/stream" + Self.device, key: TestKeys.admin, headers: [.acceptEncoding: "gzip"], method: .head)
        #expect(stream.status == 200 && stream.headers[.contentEncoding] == nil)
    }

    @Test("the operator turns it off, and answers then depend on nothing")
    func off() async throws {
        let service = try await Self.service { $0.compression = false }
        let answer = try await service.send(Self.large[0], key: TestKeys.admin, headers: [.acceptEncoding: "gzip"])
        #expect(answer.headers[.contentEncoding] == nil && answer.object["records"] != nil)
        #expect(!answer.headers[values: .vary].contains("Accept-Encoding"))
    }

    @Test(
        "Accept-Encoding is read with its weights",
        arguments: [
            (["gzip"], true), (["GZIP"], true), (["x-gzip"], true), (["br, gzip;q=0.1"], true), (["gzip;q=0"], false),
            (["gzip;q=0.000"], false),
            (["gzip; Q=1.0"], true), (["*"], true), (["*;q=0"], false), (["*, gzip;q=0"], false),
            (["*;q=0, gzip"], true), (["br"], false),
            (["identity"], false), ([""], false), ([], false), (["br", "gzip"], true), (["gzip;q=2"], false),
            (["gzip;q=abc"], false),
            (["gzip;q"], false), (["gzip;level=9"], false), (["gzipped"], false), (["deflate, br,gzip ; q=0.5"], true),
            (["gzip;q=nan"], false),
            (["gzip;q=-1"], false), (["gzip;q=1e-9"], false),
        ] as [([String], Bool)])
    func weights(fields: [String], isAccepted: Bool) {
        #expect(GzipEncoding.isAccepted(fields) == isAccepted)
    }
}

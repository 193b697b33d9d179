internal import ChangeFeedConsole
internal import Hummingbird
internal import NIOCore

/// Serves the console below `/console`, on whichever listener it is mounted.
struct ConsoleEndpoint: Sendable {
    let console: Console
    var gzip = GzipEncoding()
    /// Bytes that the body of an act may have.
    static let maximumBodyBytes = 16_384

    static func owns(_ path: String) -> Bool { path == Console.path || path.hasPrefix(Console.path + "/") }

    func add(to router: Router<FeedRequestContext>) {
        for path in [Console.path, Console.path + "/**"] {
            for method in [HTTPRequest.Method.get, .post] {
                router.on(RouterPath(path), method: method) { request, context in
                    await answer(request, context)
                }
            }
        }
    }

    /// Errors become answers here, so that they have the console's header fields, too.
    private func answer(_ request: Request, _ context: FeedRequestContext) async -> Response {
        var response: Response
        do {
            let answer = try await console.answer(try await read(request, context))
            response = try await gzip.encode(
                Response(
                    status: answer.status, headers: answer.headers, body: ResponseBody(byteBuffer: answer.body)),
                for: request)
        } catch {
            let id = context.requestID.isEmpty ? RequestIdentifier.accept(nil) : context.requestID
            response = Problem(error, path: request.uri.path).response(requestID: id)
            response.headers[.cacheControl] = "no-store"
        }
        for (name, value) in ConsoleHeaders.all { response.headers[name] = value }
        return response
    }

    private func read(_ request: Request, _ context: FeedRequestContext) async throws -> ConsoleRequest {
        var body = ByteBuffer()
        if request.method == .post {
            do {
                BodyExpectation.meet(request, on: context.channel)
                body = try await request.body.collect(upTo: Self.maximumBodyBytes)
            } catch is NIOTooManyBytesError {
                throw Problem(.bodyTooLarge, "The body is larger than \(Self.maximumBodyBytes) bytes.")
            }
        }
        var query: [String: String] = [:]
        for (name, value) in request.uri.queryParameters {
            guard query.updateValue(String(value), forKey: String(name)) == nil else {
                throw Problem(.parameterRepeated, "A parameter is given twice.")
            }
        }
        return ConsoleRequest(
            method: request.method, path: request.uri.path, query: query, headers: request.headers,
            authority: request.head.authority, body: body, client: context.client,
            clientKey: ClientAddress.limitKey(context.client))
    }
}

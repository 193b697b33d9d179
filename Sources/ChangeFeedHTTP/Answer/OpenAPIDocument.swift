internal import COpenAPIDocument

/// `docs/openapi.json`, embedded in the binary (OpenAPI 3.1).
enum OpenAPIDocument {
    static let bytes: [UInt8] = {
        var length = 0
        let start = openapi_document(&length)
        return Array(UnsafeBufferPointer(start: start, count: length))
    }()
}

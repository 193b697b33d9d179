internal import CChangeFeedSQL

/// The files of `sql/`, embedded in the binary byte for byte, so that `changefeed install` and
/// `psql -f sql/install.sql` run the same text.
public enum EmbeddedSQL {
    /// Path relative to `sql/` to text, for example `capture/capture.sql`.
    public static let files: [String: String] = {
        var files: [String: String] = [:]
        var count = 0
        let entries = changefeed_sql_files(&count)
        for entry in UnsafeBufferPointer(start: entries, count: count) {
            let bytes = UnsafeBufferPointer(start: entry.bytes, count: entry.length)
            files[String(cString: entry.path)] = String(decoding: bytes, as: UTF8.self)
        }
        return files
    }()

    /// The text of one file.
    /// - Throws: `ChangeFeedError.scriptUnsupported` when the binary does not contain it.
    public static func text(of path: String) throws -> String {
        guard let text = files[path] else {
            throw ChangeFeedError(.scriptUnsupported, "The binary does not contain sql/\(path).")
        }
        return text
    }
}

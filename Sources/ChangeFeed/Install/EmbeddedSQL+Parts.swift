/// Facts that functions of `sql/` hold as literals, for statements on databases without the feed: one place for both.
extension EmbeddedSQL {
    /// The list of rows that a function returns, such as `VALUES (…), (…)`.
    /// - Throws: `ChangeFeedError.scriptUnsupported` when the function is not of this form.
    package static func rows(of function: String, in path: String) throws -> String {
        let body = try part(of: path, after: "FUNCTION changefeed.\(function)(", before: "\nEND $$;")
        guard let start = body.ranges(of: "RETURN QUERY").last, body.hasSuffix(";") else {
            throw changed(path)
        }
        return String(body[start.upperBound...].dropLast())
    }

    /// The text of a file between two others.
    /// - Throws: `ChangeFeedError.scriptUnsupported` when it does not have them.
    package static func part(of path: String, after first: String, before second: String) throws -> String {
        let text = try text(of: path)
        guard let start = text.firstRange(of: first), let end = text[start.upperBound...].firstRange(of: second) else {
            throw changed(path)
        }
        return String(text[start.upperBound..<end.lowerBound])
    }

    private static func changed(_ path: String) -> ChangeFeedError {
        ChangeFeedError(.scriptUnsupported, "sql/\(path) does not have the form that this program reads.")
    }
}

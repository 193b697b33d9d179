internal import Foundation

/// A data directory of Odoo with session files, for one test.
public final class SessionFolder: Sendable {
    public let path: String

    public init() throws {
        path = NSTemporaryDirectory() + "odoo-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path + "/sessions", withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path that Odoo would use for this session.
    public func file(_ id: String) -> String { "\(path)/sessions/\(id.prefix(2))/\(id)" }

    /// Writes a session as Odoo does.
    /// - Parameter age: Seconds since Odoo last used it.
    public func write(_ session: TestSession, database: String, age: Double = 0) throws {
        try write(session.json(database: database), as: session.id, age: age)
    }

    public func write(_ content: String, as id: String, age: Double = 0) throws {
        try write(Array(content.utf8), as: id, age: age)
    }

    public func write(_ content: [UInt8], as id: String, age: Double = 0) throws {
        let file = file(id)
        try FileManager.default.createDirectory(
            atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try Data(content).write(to: URL(fileURLWithPath: file))
        try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSinceNow: -age)], ofItemAtPath: file)
    }

    public func remove(_ session: TestSession) throws { try FileManager.default.removeItem(atPath: file(session.id)) }

    /// Creates a symbolic link in place of the session's file.
    public func link(_ session: TestSession, to target: String) throws {
        try? FileManager.default.removeItem(atPath: file(session.id))
        try FileManager.default.createDirectory(
            atPath: (file(session.id) as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: file(session.id), withDestinationPath: target)
    }
}

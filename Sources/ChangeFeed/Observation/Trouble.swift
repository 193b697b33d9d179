internal import Glibc
internal import Postgres
internal import Synchronization

/// Why an external resource (the database, Odoo, its session files) is unavailable, in words for operators.
/// It contains no value of a row, no key and no session.
public struct Trouble: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of problem to fix.
    public enum Kind: String, Sendable, CaseIterable {
        /// No answer, or none any more.
        case connection
        /// The TLS handshake failed.
        case tls
        /// It answers and refuses the login or the action: a password, a grant, the rights of a file.
        case permission
        /// It took too long.
        case timeout
        /// Another session locks what was needed.
        case locked
        /// It does not exist.
        case missing
        /// The answer is not the expected one.
        case decoding
        /// Anything else.
        case other
    }

    public let kind: Kind
    public let reason: String

    public init(_ kind: Kind, _ reason: String) {
        self.kind = kind
        self.reason = reason
    }

    public var description: String { reason }

    /// It may succeed the next time without a fix.
    public var mayPass: Bool {
        switch kind {
        case .connection, .timeout, .locked: true
        case .tls, .permission, .missing, .decoding, .other: false
        }
    }

    /// The meaning of an error of the database, or of one of this type.
    public init(_ error: any Error) {
        switch error {
        case let trouble as Trouble: self = trouble
        case let error as PostgresError: self.init(error)
        case let error as ChangeFeedError: self.init(.other, error.description)
        case is TableLocked: self.init(.locked, "another session locks a table")
        case is DecodingError: self.init(.decoding, "an answer that cannot be read")
        default: self.init(.other, "\(type(of: error))")
        }
    }

    private init(_ error: PostgresError) {
        let state = error.sqlState ?? ""
        // The server's own words about these quote only names.
        let words = error.description
        switch (error.code, state) {
        case (_, "42501"): self.init(.permission, words)
        case (_, _) where state.hasPrefix("28"): self.init(.permission, words)
        case (_, "42P01"), (_, "42883"), (_, "3F000"), (_, "3D000"), (_, "42703"): self.init(.missing, words)
        case (_, "55P03"): self.init(.locked, words)
        case (.timeout, _), (.cancelled, _): self.init(.timeout, words)
        case (.connectionFailed, _) where Self.isAboutTLS(words): self.init(.tls, words)
        case (.connectionFailed, _), (.connectionLost, _), (.silent, _), (.closed, _), (.poolExhausted, _),
            (.stoodAside, _), (.standby, _):
            self.init(.connection, words)
        case (_, _) where state.hasPrefix("08") || state.hasPrefix("53") || state.hasPrefix("57P"):
            self.init(.connection, words)
        case (.decoding, _): self.init(.decoding, words)
        default: self.init(.other, "SQLSTATE \(error.sqlState ?? "none") in statement \(error.statement ?? "unnamed")")
        }
    }

    static func isAboutTLS(_ words: String) -> Bool {
        ["SSL", "TLS", "certificate"].contains { words.contains($0) }
    }

    /// The meaning of a failed system call on a path.
    package init(errno code: Int32, _ path: String) {
        let words = String(cString: strerror(code))
        switch code {
        case EACCES, EPERM: self.init(.permission, "\(path): \(words): the service's user may not read it")
        case ENOENT, ENOTDIR: self.init(.missing, "\(path): \(words)")
        case ESTALE, EIO, ETIMEDOUT: self.init(.connection, "\(path): \(words)")
        default: self.init(.other, "\(path): \(words)")
        }
    }
}

/// Reports which troubles one resource has, once per kind, and when they are over.
public final class Troubles: Sendable {
    private struct State {
        var said: Set<Trouble.Kind> = []
        var last = ContinuousClock.now
    }

    /// A resource that fails intermittently has not recovered in between.
    private static let calm: Duration = .seconds(60)
    private let what: String
    private let observe: @Sendable (FeedObservation) -> Void
    private let state = Mutex(State())
    private let hasAny = Atomic(false)

    /// - Parameter what: such as "session files".
    public init(_ what: String, _ observe: @escaping @Sendable (FeedObservation) -> Void) {
        self.what = what
        self.observe = observe
    }

    /// It failed.
    @discardableResult
    public func note(_ error: any Error) -> Trouble {
        let trouble = Trouble(error)
        // A refused request has found no fault.
        if error is CancellationError { return trouble }
        let isNew = state.withLock { state in
            state.last = .now
            return state.said.insert(trouble.kind).inserted
        }
        hasAny.store(true, ordering: .relaxed)
        if isNew { observe(.troubled(what: what, trouble)) }
        return trouble
    }

    /// It worked.
    public func noteSuccess() {
        guard hasAny.load(ordering: .relaxed) else { return }
        let isOver = state.withLock { state in
            guard !state.said.isEmpty, .now - state.last > Self.calm else { return false }
            state.said = []
            return true
        }
        guard isOver else { return }
        hasAny.store(false, ordering: .relaxed)
        observe(.recovered(what: what))
    }
}

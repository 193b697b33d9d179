internal import Crypto

/// A device's request and credential, as a digest under a random key of this process: neither the credential nor the
/// request can be read from it.
public struct IdleQuestion: Sendable, Hashable {
    /// The kinds of request that can be answered by "nothing new".
    enum Kind: UInt8 { case pull, news }

    /// 32 bytes, without a separate array. No SIMD type: those are aligned to more than a task's frames are.
    struct Digest: Sendable, Hashable {
        let first: UInt64
        let second: UInt64
        let third: UInt64
        let fourth: UInt64
    }

    let digest: Digest
    public let device: DeviceName
    /// Models, filters and companies: pulls for others change the device.
    let scope: Int

    private static let secret = SymmetricKey(size: .bits256)

    /// A pull. Nil if the answer must contain the current token: for one without a token, and for clients that never
    /// acknowledge.
    public init?(_ pull: DeviceSync.PullRequest, by credential: Credential, database: String?) {
        guard let token = pull.token, !pull.settlesHanded else { return nil }
        self.init(.pull, pull.device, pull.scope, pull.companies, credential, database) { text in
            text.add(token)
            text.add("\(pull.limit) \(pull.maximumBytes ?? -1) \(pull.withData) \(pull.withHash)")
            for (model, names) in pull.fields.sorted(by: { $0.key < $1.key }) {
                text.add(model.rawValue)
                text.add("\(names.count)")
                for name in names { text.add(name) }
            }
        }
    }

    /// Whether events are waiting for a device.
    public init(
        newsFor device: DeviceName, scope: SyncScope, companies: EnabledCompanies, by credential: Credential,
        database: String?
    ) {
        self.init(.news, device, scope, companies, credential, database) { _ in }
    }

    private init(
        _ kind: Kind, _ device: DeviceName, _ scope: SyncScope, _ companies: EnabledCompanies, _ credential: Credential,
        _ database: String?,
        _ rest: (inout Text) -> Void
    ) {
        self.device = device
        self.scope = Self.scope(scope, companies)
        var text = Text()
        text.bytes.append(kind.rawValue)
        text.add(credential.bytes)
        text.add(database.map { "=" + $0 } ?? "")
        text.add(device.text)
        text.add(scope.appType)
        text.add(scope.models.map { $0.map(\.rawValue).joined(separator: ",") } ?? "*")
        text.add(companies.ids.map { "\($0)" } ?? "*")
        text.add("\(scope.filters.count)")
        for (model, filter) in scope.filters.sorted(by: { $0.key < $1.key }) {
            text.add(model.rawValue)
            text.add(filter)
        }
        rest(&text)
        digest = HMAC<SHA256>.authenticationCode(for: text.bytes, using: Self.secret).withUnsafeBytes { bytes in
            Digest(
                first: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self),
                second: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self),
                third: bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self),
                fourth: bytes.loadUnaligned(fromByteOffset: 24, as: UInt64.self))
        }
    }

    static func scope(_ scope: SyncScope, _ companies: EnabledCompanies) -> Int {
        var hasher = Hasher()
        hasher.combine(scope.appType)
        hasher.combine(scope.models)
        hasher.combine(companies.ids)
        hasher.combine(scope.filters)
        return hasher.finalize()
    }

    /// Parts with their lengths before them, so that no two questions have the same text.
    private struct Text {
        var bytes: [UInt8] = []

        init() { bytes.reserveCapacity(512) }

        mutating func add(_ text: String) { add(text.utf8) }

        mutating func add(_ part: some Collection<UInt8>) {
            withUnsafeBytes(of: UInt32(part.count)) { bytes.append(contentsOf: $0) }
            bytes.append(contentsOf: part)
        }
    }
}

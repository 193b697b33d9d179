internal import Foundation

/// A real Odoo's answers to its users about visibility (`oracle.json.gz`, next to the checkout).
public struct OdooAnswers: Decodable, Sendable {
    public struct User: Decodable, Sendable {
        public struct Model: Decodable, Sendable {
            /// Nil where Odoo raised AccessError.
            public let visibleIDs: [Int64]?

            private enum CodingKeys: String, CodingKey {
                case visibleIDs = "visible_ids"
            }
        }
        public let uid: Int
        public let models: [String: Model]
    }
    /// By login.
    public let users: [String: User]
    /// The clear API keys of some users, by login; the database has their hashes.
    public let apiKeys: [String: String]

    private enum CodingKeys: String, CodingKey {
        case users
        case apiKeys = "api_keys"
    }

    /// - Throws: `PrivateCluster.Failure` if the file does not exist.
    public static func read(release: Int = 18) async throws -> OdooAnswers {
        guard let path = Fixture.real("oracle.json.gz", release: release) else {
            throw PrivateCluster.Failure(description: "the real Odoo's answers are not here")
        }
        return try JSONDecoder().decode(OdooAnswers.self, from: Data(try await Fixture.unpack(path).utf8))
    }
}

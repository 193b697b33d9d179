/// Sessions of the fixture's users in Odoo's form. The tokens were computed with Python:
/// `hmac.new(str(values).encode(), sid.encode(), sha256).hexdigest()`, values being the tuple that `session_token` describes.
public struct TestSession: Sendable {
    public let id: String
    public let user: Int
    public let token: String

    public init(id: String, user: Int, token: String) {
        self.id = id
        self.user = user
        self.token = token
    }

    /// The members of Odoo's session file.
    public func json(database: String) -> String {
        #"{"db": "\#(database)", "login": "x", "uid": \#(user), "session_token": "\#(token)", "context": {"lang": "en_US"}}"#
    }

    /// The file of Odoo 16 and 17: the same members as a pickle of protocol 4 or 5, as Python's pickler writes it.
    public func pickle(database: String, protocol version: UInt8 = 5) -> [UInt8] {
        func text(_ text: String) -> [UInt8] { [0x8C, UInt8(text.utf8.count)] + Array(text.utf8) + [0x94] }
        let number = [0x4A] + withUnsafeBytes(of: Int32(user).littleEndian) { Array($0) }
        let context = text("context") + [0x7D, 0x94] + text("lang") + text("en_US") + [0x73]
        var members: [UInt8] = text("db") + text(database) + text("login") + text("x") + text("uid") + number
        members += text("session_token") + text(token) + context + text("profile_session") + [0x4E]
        let opcodes: [UInt8] = [0x7D, 0x94, 0x28] + members + [0x75, 0x2E]
        return [0x80, version, 0x95] + withUnsafeBytes(of: UInt64(opcodes.count).littleEndian) { Array($0) } + opcodes
    }

    /// ('fixture-secret', True, 2, 'admin', None)
    public static let admin = TestSession(
        id: "admin-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-", user: 2,
        token: "b047961f028840287bf48237c37d7e0bf4f3f06e34dad2287e99e779dd8d130f")

    /// ('fixture-secret', True, 6, 'sales', None)
    public static let sales = TestSession(
        id: "sales-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-", user: 6,
        token: "2a49b8196e7a94ed7e9f9b82cbfe1306dacba0040233358ea7dbce3be075de8d")

    /// ('fixture-secret', False, 7, 'inactive', None)
    public static let inactive = TestSession(
        id: "inactive-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-", user: 7,
        token: "1370e1d36ce1693e0cfdb7859093696ccbb1288899680643bfb7acb6fbac21fe")

    /// ('fixture-secret', True, 1, '__system__', None)
    public static let superuser = TestSession(
        id: "superuser-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0", user: 1,
        token: "578f3e48c4401d2e3e92da5a7ec3be410754c6e50fdf3b9477994a5f809cbc6a")

    /// ('fixture-secret', True, 8, 'portal', '$pbkdf2-sha512$600000$x$y')
    public static let portal = TestSession(
        id: "portal-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0", user: 8,
        token: "20b5fc4afb65d29223636b4c013f0678afc9aff4ebe8f63fe9314a184b2616e9")

    /// Of the administrator, as in 16 and 17: the secret comes last.
    public static let olderAdmin = TestSession(
        id: "older-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-", user: 2,
        token: "4830114b10d34436c10346e6e406c1882ae192bd851f90accfcbdc59aead6d6d")

    /// Of the administrator, as in releases after 18.0: the tuple contains pairs of name and value, without None.
    public static let newerAdmin = TestSession(
        id: "newer-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-", user: 2,
        token: "e036402a0493356d60959f053ffd2b26da9973529b126dd44a8ffb0702439b72")

    /// With auth_oauth and auth_totp, and a login that Python quotes: ('fixture-secret', True, 2, 'o\'ad"min\\é', None, None, 'totp\n')
    public static let quoted = TestSession(
        id: "totp-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_0-_", user: 2,
        token: "0bc4ab0b4499ea988ed3d32aa23a9a3485a63118bd9cf764b6150d2a4a896b7d")
    public static let quotedLogin = #"o'ad"min\é"#
}

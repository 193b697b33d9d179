/// The name that a client gave its device: 1 to 255 characters. It is per user; the same name under another user is
/// another device.
public struct DeviceName: Hashable, Sendable {
    public let text: String

    /// Nil for the empty text, for more than 255 characters (Unicode scalars, as PostgreSQL counts) and for NUL.
    public init?(_ text: String) {
        guard (1...255).contains(text.unicodeScalars.count), !text.utf8.contains(0) else { return nil }
        self.text = text
    }
}

/// The API keys of the fixture's users. They were created for the fixture and are valid nowhere else.
public enum TestKeys {
    /// An active user who may read every tracked model.
    public static let admin = "d033e22ae348aeb5660fc2140aec35850c4da997"
    /// An active user who may not read account.move and account.journal.
    public static let sales = "59248c4dae276a021cb296d2ee0e6a0c962a8d7f"
    /// The key of a portal user.
    public static let portal = "77de68daecd823babbb58edb1c8e14d7106e83bb"
    /// The key of a deactivated user.
    public static let inactive = "d436a3f40e3ecce896010be99dcf00a577b909aa"
    /// A key of an active user that expired in 2020.
    public static let expired = "45a6f9adb1df3a78aafc71391c7d3bfa7680229b"
    /// Of the right form, but no user's.
    public static let unknown = "ffffffffffffffffffffffffffffffffffffffff"
}

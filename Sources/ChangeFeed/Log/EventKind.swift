/// The kind of a change of a record, in Odoo's words.
public enum EventKind: String, Sendable, Hashable, CaseIterable {
    case create, write, unlink
}

/// The form of the service's log.
package enum LogFormat: String, Sendable {
    /// Lines for people.
    case text
    /// One JSON object a line.
    case json
}

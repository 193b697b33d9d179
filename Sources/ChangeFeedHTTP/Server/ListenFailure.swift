internal import ChangeFeed
internal import Glibc
internal import NIOCore

/// A failure to listen on an address, in words for operators.
enum ListenFailure {
    /// - Parameters:
    ///   - who: the listener, as the beginning of a sentence.
    ///   - fix: which settings name another address.
    /// - Returns: `invalidSetting` if only an operator can fix it; `addressUnavailable` if the address may come later,
    ///   for instance with a fail-over, so that a supervisor retries.
    static func error(_ error: IOError, _ who: String, host: String, port: Int, fix: String) -> ChangeFeedError {
        let address = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        let reason =
            switch error.errnoCode {
            case EADDRINUSE: "another process listens there"
            case EACCES, EPERM: "this user is not permitted to"
            case EADDRNOTAVAIL: "this machine does not have that address"
            default: String(cString: strerror(error.errnoCode))
            }
        return ChangeFeedError(
            error.errnoCode == EADDRNOTAVAIL ? .addressUnavailable : .invalidSetting,
            "\(who) cannot use \(address): \(reason).", hint: fix)
    }
}

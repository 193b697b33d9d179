internal import ChangeFeed
internal import Glibc
internal import NIOCore

/// An address that cannot be listened on, in words for whoever runs the service.
enum ListenFailure {
    /// - Parameters:
    ///   - who: what wanted to listen, as a sentence begins with it.
    ///   - fix: which settings name another address.
    /// - Returns: `invalidSetting` where only a person can mend it; `addressUnavailable` where the address may come later,
    ///   as one that a fail-over brings does, so that a supervisor tries again.
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

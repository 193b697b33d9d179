/// Why the console does not do what a browser asks for.
public enum ConsoleRefusal: Error, Sendable, Equatable {
    /// No session of the console, or one that has ended.
    case signInNeeded
    /// The user is in neither of the console's groups.
    case notMember
    /// The user may look and not act.
    case readOnly
    /// The request does not come from the console's own page.
    case crossSite
    case notFound
    /// A parameter, or an argument of an act, is missing or has the wrong form.
    case parameterInvalid(String)
    /// The body is not the JSON object that is expected.
    case bodyInvalid
    /// The database did not do it; the text is for people.
    case actFailed(String)
    /// Too many sign-ins from this address.
    case tooManySignIns(retryAfter: Duration)
}

internal import CBuildCommit

/// Of the service, its commands and the HTTP API.
package enum Version {
    package static let text = "0.1.0"

    /// The commit that scripts/build.sh built, with `-dirty` if files differed from it; nil in a plain `swift build`,
    /// which does not ask git.
    package static let commit: String? = {
        let commit = String(cString: changefeed_commit())
        return commit.isEmpty ? nil : commit
    }()

    /// Version and commit, for people.
    package static let full = "\(text) (\(commit.map { "commit \($0)" } ?? "unknown commit"))"
}

import ArgumentParser
import ChangeFeed
import ChangeFeedSettings
import Foundation
import Glibc

/// `changefeed bench`: runs `changefeed-bench`, a separate program, because code that creates and drops tables does not
/// belong in the service.
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run changefeed-bench, which measures on a throw-away database.", helpNames: [])

    @Argument(parsing: .captureForPassthrough, help: "Passed on.")
    var arguments: [String] = []

    func run() async throws {
        let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        let path = own.deletingLastPathComponent().appendingPathComponent("changefeed-bench").path
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw ChangeFeedError(
                .programMissing, "There is no changefeed-bench beside this program.",
                hint: "In a checkout: swift build -c release --product changefeed-bench.")
        }
        var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
        execv(path, &words)
        throw ChangeFeedError(.programMissing, "\(path) cannot be run: \(String(cString: strerror(errno))).")
    }
}

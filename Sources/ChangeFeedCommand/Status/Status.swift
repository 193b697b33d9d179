import ArgumentParser
import ChangeFeed
import ChangeFeedSettings

/// `changefeed status`: the state of the feed, for people or as JSON.
struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show whether all is well, then capture, log, service and models.",
        discussion: """
            The first line says whether anything needs attention. Exit 0 in any case: `changefeed verify` judges, and `changefeed ready` \
            asks a running service.
            """)

    @OptionGroup var common: CommonOptions

    @Flag(help: "The JSON document of changefeed.status() (docs/json.md).")
    var json = false

    func run() async throws {
        let text = try await withConnection(to: common.settings().database) { try await FeedStatus.json(on: $0) }
        Terminal.lines(json ? [text] : try StatusReport(json: text).lines)
    }
}

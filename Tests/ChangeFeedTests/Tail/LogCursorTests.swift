import ChangeFeed
import Testing

@Suite("The log cursor")
struct LogCursorTests {
    @Test("an empty log leaves the cursor where it is")
    func empty() {
        var cursor = LogCursor(seen: "10:10:")
        let settled = cursor.advance(past: nil, target: nil, isFull: false)
        #expect(settled)
        #expect(cursor == LogCursor(seen: "10:10:"))
    }

    @Test("a short window settles its whole target")
    func short() {
        var cursor = LogCursor(seen: "10:10:")
        let settled = cursor.advance(past: 7, target: "20:20:", isFull: false)
        #expect(settled)
        #expect(cursor == LogCursor(seen: "20:20:"))
    }

    @Test("a full window keeps the target and moves only the position")
    func full() {
        var cursor = LogCursor(seen: "10:10:")
        let settled = cursor.advance(past: 7, target: "20:20:", isFull: true)
        #expect(!settled)
        #expect(cursor.seen == "10:10:")
        #expect(cursor.target == "20:20:")
        #expect(cursor.position == 7)
    }

    @Test("an empty window after full ones settles the target that bounded them")
    func drained() {
        var cursor = LogCursor(seen: "10:10:")
        _ = cursor.advance(past: 7, target: "20:20:", isFull: true)
        let settled = cursor.advance(past: nil, target: nil, isFull: false)
        #expect(settled)
        #expect(cursor == LogCursor(seen: "20:20:"))
    }
}

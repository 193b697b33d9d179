@testable import ChangeFeed
import Testing

@Suite("The cache of credentials")
struct SecretCacheTests {
    private let start = ContinuousClock.now

    @Test("stays within its capacity and keeps what is in use")
    func bounded() {
        var cache = SecretCache<Int>(capacity: 10)
        cache.keep(1, for: [1], until: start + .seconds(60))
        for number in 0..<100_000 {
            cache.keep(number, for: Array("\(number)".utf8), until: start + .seconds(60))
            let found = cache.value(for: [1], now: start)
            #expect(found == 1)
            #expect(cache.count <= 12)
        }
        cache.forget([1])
        let forgotten = cache.value(for: [1], now: start)
        #expect(forgotten == nil)
    }

    @Test("forgets when the time is over, also what it moved on")
    func expires() {
        var cache = SecretCache<Int>(capacity: 2)
        cache.keep(1, for: [1], until: start + .seconds(10))
        cache.keep(2, for: [2], until: start + .seconds(10))
        let before = [cache.value(for: [1], now: start + .seconds(9)), cache.value(for: [2], now: start + .seconds(9))]
        #expect(before == [1, 2])
        let after = [
            cache.value(for: [1], now: start + .seconds(10)), cache.value(for: [2], now: start + .seconds(10)),
        ]
        #expect(after == [nil, nil])
    }
}
